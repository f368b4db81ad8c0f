import Foundation
import HTTPTransport
import Testing

/// Against `openssl s_server` with certificates made for the test: the command must be there.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct TLSTests {
  @Test func aCertificateOfTheGivenAuthorityIsTrusted() async throws {
    let material = try TLSMaterial()
    let server = try TLSServer(material)
    defer { server.stop() }
    let response = try await get(
      server, TLSSettings(certificateAuthority: material.bytes("ca.crt")))
    #expect(response.status == 200)
  }

  @Test func aCertificateOfAnotherAuthorityIsNot() async throws {
    let material = try TLSMaterial()
    let server = try TLSServer(material)
    defer { server.stop() }
    for authority in [try TLSMaterial().bytes("ca.crt"), nil] {
      let error = await #expect(throws: TransportError.self) {
        try await get(server, TLSSettings(certificateAuthority: authority))
      }
      #expect(error?.kind == .tls)
      #expect(error?.requestMayHaveBeenSent == false)
    }
  }

  @Test func verificationCanBeSwitchedOff() async throws {
    let server = try TLSServer(try TLSMaterial())
    defer { server.stop() }
    #expect(try await get(server, TLSSettings(verifiesPeer: false)).status == 200)
  }

  @Test func theCertificateMustCarryTheServersName() async throws {
    let material = try TLSMaterial(host: "DNS:kubernetes.default")
    let server = try TLSServer(material)
    defer { server.stop() }
    let authority = material.bytes("ca.crt")
    let error = await #expect(throws: TransportError.self) {
      try await get(server, TLSSettings(certificateAuthority: authority))
    }
    #expect(error?.kind == .tls)
    let response = try await get(
      server,
      TLSSettings(certificateAuthority: authority, serverName: "kubernetes.default"))
    #expect(response.status == 200)
  }

  @Test func aClientCertificateIsShownWhenAsked() async throws {
    let material = try TLSMaterial()
    let server = try TLSServer(material, ["-Verify", "1", "-CAfile", material.path("ca.crt")])
    defer { server.stop() }
    let response = try await get(
      server,
      TLSSettings(
        certificateAuthority: material.bytes("ca.crt"),
        clientCertificate: material.bytes("client.crt"),
        clientKey: material.bytes("client.key")))
    #expect(response.status == 200)
    #expect(String(decoding: response.body, as: UTF8.self).contains("test-client"))
    await #expect(throws: TransportError.self) {
      try await get(server, TLSSettings(certificateAuthority: material.bytes("ca.crt")))
    }
  }

  private func get(_ server: TLSServer, _ tls: TLSSettings) async throws -> HTTPResponse {
    let transport = CurlTransport(tls: tls)
    let request = HTTPRequest(method: "GET", url: "https://127.0.0.1:\(server.port)/")
    do {
      let response = try await transport.send(request)
      await transport.shutdown()
      return response
    } catch {
      await transport.shutdown()
      throw error
    }
  }
}

/// `openssl s_server` on a free port, answering every GET with a page about the connection.
private final class TLSServer {
  let port: Int
  private let process = Process()
  private let material: TLSMaterial

  init(_ material: TLSMaterial, _ more: [String] = []) throws {
    self.material = material
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
        material.path("server.crt"), "-key", material.path("server.key"),
      ] + more
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = Pipe()
    try process.run()
    var text = ""
    var found: Int?
    while found == nil {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "openssl s_server ended: is openssl installed?")
      text += String(decoding: data, as: UTF8.self)
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }),
        text.hasSuffix("\n")
      else { continue }
      found = line.split(separator: ":").last.flatMap { Int($0) }
    }
    port = try #require(found)
  }

  func stop() {
    // The threads that run tests block signals and the child inherits that: only SIGKILL arrives.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
