import Foundation
import FoundationNetworking
import JSONValue

/// Requests to this run's own servers.
struct LoopbackHTTP: Sendable {
  let base: String

  /// Without a cache: Foundation keeps answers that carry a date, and these tests wait for changes.
  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    return URLSession(configuration: configuration)
  }()

  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue? { try? JSONValue(parsing: body) }
  }

  func send(_ method: String, _ path: String, body: JSONValue? = nil) async throws -> Answer {
    guard let url = URL(string: base + path) else {
      throw Unmendable(description: "no URL: \(base)\(path)")
    }
    var request = URLRequest(url: url, timeoutInterval: 30)
    request.httpMethod = method
    if let body {
      request.httpBody = Data(body.serialized())
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    let (data, response) = try await Self.session.data(for: request)
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    return Answer(status: status, body: [UInt8](data))
  }

  /// The answer as JSON; anything but 2xx is an error.
  func json(_ method: String, _ path: String, body: JSONValue? = nil) async throws -> JSONValue {
    let answer = try await send(method, path, body: body)
    guard (200..<300).contains(answer.status) else {
      throw UnexpectedAnswer(request: "\(method) \(base)\(path)", answer: answer)
    }
    return answer.json ?? .null
  }
}

/// A server of this run answered with something else than success.
struct UnexpectedAnswer: Error, CustomStringConvertible {
  let request: String
  let answer: LoopbackHTTP.Answer

  var description: String { "\(request) was answered with \(answer.status): \(answer.text)" }
}
