import DiscordAPI
package import Engine
package import HTTPTransport
package import JSONValue
import KubeWatch
import Synchronization

/// `discord.*`: a client of its own for a run's few reads. The token comes from the ProviderConfig's
/// Secret and goes into the Authorization header, nowhere else.
package final class DiscordReader: EffectSource {
  private struct Access: Sendable {
    let baseURL: DiscordBaseURL
    let token: DiscordToken
  }

  /// What makes two requests the same one.
  private struct Question: Hashable, Sendable {
    let path: String
    let query: [String: String]
    let config: String?
    let isAnonymous: Bool
  }

  private struct State {
    var answers: [Question: Task<Result<JSONValue, SourceFailure>, Never>] = [:]
    var requests = 0
    var isUnauthorized = false
    var rateLimited: [String: Int64] = [:]
    var pauseUntil: Duration?
    var accesses: [String: Task<Result<Access, SourceFailure>, Never>] = [:]
  }

  /// How many requests a run may send: each 401 and 403 counts towards Discord's ban.
  package static let budget = 40
  /// The longest pause of Discord's that a request waits out; a check has not the time for more.
  package static let longestPause = Duration.seconds(3)

  private let reads: KubeReads
  private let transport: any Transport
  let time: TimeSource
  private let config: String
  private let version: String
  private let state = Mutex(State())
  private let latch = SourceLatch()

  /// - Parameter config: the ProviderConfig that is meant when an effect names none.
  package init(
    reads: KubeReads, transport: any Transport, time: TimeSource, config: String, version: String
  ) {
    self.reads = reads
    self.transport = transport
    self.time = time
    self.config = config
    self.version = version
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    switch name {
    case "discord.limits": return SourceAnswer(limits())
    case "discord.get":
      let query = (effect["query"]?.objectValue ?? [:]).compactMapValues { value in
        value.stringValue ?? (value.isNull ? nil : value.serializedText())
      }
      return SourceAnswer(
        try await get(
          effect.demandText("path"), query, config: effect.text("config"),
          isAnonymous: effect["anonymous"]?.boolValue == true))
    case "discord.audit": return SourceAnswer(try await audit(effect))
    case "discord.snapshot": return SourceAnswer(try await snapshot(effect))
    default: throw SourceFailure(.refused, "there is no \(name)")
    }
  }

  private func limits() -> JSONValue {
    state.withLock { state in
      [
        "requests": .integer(Int64(state.requests)),
        "left": .integer(Int64(state.isUnauthorized ? 0 : Self.budget - state.requests)),
        "unauthorized": .bool(state.isUnauthorized),
        "global_429": .integer(state.rateLimited["global"] ?? 0),
        "shared_429": .integer(state.rateLimited["shared"] ?? 0),
        "user_429": .integer(state.rateLimited["user"] ?? 0),
      ]
    }
  }

  // MARK: Requests

  /// The answer to a question; asked again in the same run, it is the same one.
  private func get(
    _ path: String, _ query: [String: String], config: String?, isAnonymous: Bool = false
  ) async throws(SourceFailure) -> JSONValue {
    guard path.first == "/", path.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
      !path.contains(".."), !path.contains("?"), !path.contains("#"), !path.contains("//"),
      !path.contains("\\")
    else { throw SourceFailure(.refused, "\"\(path)\" is no path such as /users/@me") }
    let question = Question(path: path, query: query, config: config, isAnonymous: isAnonymous)
    let task = state.withLock { state in
      if let known = state.answers[question] { return known }
      let task = Task { () -> Result<JSONValue, SourceFailure> in
        do throws(SourceFailure) {
          return .success(try await self.ask(question))
        } catch {
          return .failure(error)
        }
      }
      state.answers[question] = task
      return task
    }
    return try await task.value.get()
  }

  private func ask(_ question: Question) async throws(SourceFailure) -> JSONValue {
    try latch.check()
    let access: Access?
    let baseURL: DiscordBaseURL
    if question.isAnonymous {
      access = nil
      baseURL = (try? await self.access(question.config).baseURL) ?? .discord
    } else {
      let found = try await self.access(question.config)
      access = found
      baseURL = found.baseURL
    }
    let items = QueryEncoding.text(
      question.query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    var request = HTTPRequest(
      method: "GET",
      url: baseURL.text + question.path + (items.isEmpty ? "" : "?" + items),
      timeout: .seconds(4))
    request.connectTimeout = .seconds(2)
    request.headers.add(
      "User-Agent", "DiscordBot (provider-discord, \(version)) runbook")
    access?.token.authorize(&request)
    var isAgain = false
    while true {
      try await admit()
      let began = time.uptime()
      let response: HTTPResponse
      do throws(TransportError) {
        response = try await transport.send(request)
      } catch {
        let failure = SourceFailure(
          error.kind == .timedOut ? .timeout : .unreachable,
          "Discord does not answer at \(baseURL.host): \(error.message)")
        latch.close(failure)
        throw failure
      }
      note(response, isAnonymous: question.isAnonymous)
      // A fix looks at everything three times within seconds: it may well be put off once.
      if response.status == 429, !isAgain, pause <= Self.longestPause {
        isAgain = true
        continue
      }
      return Self.json(response, milliseconds: (time.uptime() - began).wholeMilliseconds)
    }
  }

  /// How long Discord wants to be left alone.
  private var pause: Duration {
    let now = time.uptime()
    return state.withLock { $0.pauseUntil.map { max(.zero, $0 - now) } ?? .zero }
  }

  /// Returns when the request may go out.
  private func admit() async throws(SourceFailure) {
    let pause = pause
    if pause > .zero, pause <= Self.longestPause {
      do { try await time.sleep(pause) } catch {
        throw SourceFailure(.timeout, "given up while Discord asked for a pause (429)")
      }
    }
    let now = time.uptime()
    let refusal = state.withLock { state -> SourceFailure? in
      if state.isUnauthorized {
        return SourceFailure(.unauthorized, "Discord refused the token; no further request is sent")
      }
      if let until = state.pauseUntil, until > now {
        return SourceFailure(.refused, "Discord asked for a pause (429)")
      }
      guard state.requests < Self.budget else {
        return SourceFailure(.refused, "the run's \(Self.budget) requests are used up")
      }
      state.requests += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  private func note(_ response: HTTPResponse, isAnonymous: Bool) {
    let now = time.uptime()
    state.withLock { state in
      if response.status == 401, !isAnonymous { state.isUnauthorized = true }
      guard response.status == 429 else { return }
      let scope =
        response.headers["X-RateLimit-Global"] != nil
        ? "global" : response.headers["X-RateLimit-Scope"] ?? "user"
      state.rateLimited[scope, default: 0] += 1
      let wait = response.headers["Retry-After"].flatMap { Double($0) } ?? 1
      state.pauseUntil = now + .milliseconds(Int64(min(max(wait, 0), 3_600) * 1000))
    }
  }

  private static func json(_ response: HTTPResponse, milliseconds: Int64) -> JSONValue {
    var headers: [String: JSONValue] = [:]
    for name in [
      "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset-after",
      "x-ratelimit-bucket", "x-ratelimit-global", "x-ratelimit-scope", "via", "server", "date",
    ] {
      if let text = response.headers[name] { headers[name] = .string(text) }
    }
    let body =
      (try? JSONValue(parsing: response.body))
      ?? .string(String(decoding: response.body.prefix(500), as: UTF8.self))
    return [
      "status": .integer(Int64(response.status)), "headers": .object(headers),
      "ms": .integer(milliseconds), "body": response.body.isEmpty ? .null : body,
    ]
  }

  // MARK: For what needs more than one request

  /// The guild that an effect names.
  func snowflake(_ effect: JSONValue) throws(SourceFailure) -> String {
    let id = try effect.demandText("guild_id")
    guard id.utf8.count <= 20, id.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw SourceFailure(.refused, "\"\(id)\" is no ID of Discord")
    }
    return id
  }

  /// The body of an answer 200.
  func body(
    _ path: String, _ config: String?, _ query: [String: String] = [:]
  ) async throws(SourceFailure) -> JSONValue {
    let answer = try await get(path, query, config: config)
    let status = answer["status"]?.integerValue ?? 0
    if status == 200 { return answer["body"] ?? .null }
    let message = answer.value(at: "body", "message")?.stringValue ?? "no message"
    let text = "Discord answered \(status) to GET \(path): \(message)"
    switch status {
    case 401: throw SourceFailure(.unauthorized, text)
    case 403: throw SourceFailure(.forbidden, text)
    case 404: throw SourceFailure(.notfound, text)
    default: throw SourceFailure(.error, text)
    }
  }

  // MARK: The token

  private func access(_ config: String?) async throws(SourceFailure) -> Access {
    let name = try KubePath.name(config ?? self.config)
    let task = state.withLock { state in
      if let known = state.accesses[name] { return known }
      let task = Task { await self.read(name) }
      state.accesses[name] = task
      return task
    }
    return try await task.value.get()
  }

  private func read(_ config: String) async -> Result<Access, SourceFailure> {
    do throws(SourceFailure) {
      let type = ResourceType(
        group: "discord.crossplane.io", version: "v1alpha1", kind: "ProviderConfig",
        plural: "providerconfigs", isNamespaced: false)
      let object = try await reads.json(path: type.path(name: config))
      guard let reference = object.value(at: "spec", "credentials", "secretRef"),
        let name = reference.text("name"), let namespace = reference.text("namespace")
      else {
        throw SourceFailure(.error, "ProviderConfig \(config) names no Secret")
      }
      let secret = try await reads.json(
        path: ResourceType.secrets.path(
          namespace: KubePath.name(namespace), name: KubePath.name(name)))
      let key = reference.text("key") ?? "token"
      guard let bytes = secret["data"]?[key]?.stringValue.flatMap(Base64.decode) else {
        throw SourceFailure(.notfound, "Secret \(namespace)/\(name) has no key \(key)")
      }
      let written = object.value(at: "spec", "baseURL")?.stringValue ?? ""
      do {
        return .success(
          Access(
            baseURL: written.isEmpty ? .discord : try DiscordBaseURL(written),
            token: try DiscordToken(String(decoding: bytes, as: UTF8.self))))
      } catch {
        throw SourceFailure(.error, "\(error)")
      }
    } catch {
      return .failure(error)
    }
  }
}
