import Foundation
import JSONValue
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Sandbox

/// Sends one request over a new connection and gives every byte up to its end; nil when the
/// connection was reset before any byte came.
private func exchange(_ base: String, _ method: String, _ path: String, _ body: String = "")
  async throws -> String?
{
  let rest = base.dropFirst("http://".utf8.count)
  let authority = rest.prefix { $0 != "/" }
  let parts = authority.split(separator: ":")
  let port = try #require(Int(parts[1]))
  let prefix = rest.dropFirst(authority.utf8.count)
  var bytes = ByteBuffer()
  do {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: String(parts[0]), port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    try await channel.executeThenClose { inbound, outbound in
      let head = [
        "\(method) \(prefix)\(path) HTTP/1.1", "Host: \(authority)", "Connection: close",
        "Authorization: Bot \(DiscordWorld.sandboxToken)", "User-Agent: DiscordBot (x, 1)",
        "Content-Type: application/json", "Content-Length: \(body.utf8.count)", "", body,
      ]
      try await outbound.write(ByteBuffer(string: head.joined(separator: "\r\n")))
      for try await part in inbound { bytes.writeImmutableBuffer(part) }
    }
  } catch let error as IOError {
    if bytes.readableBytes == 0 {
      #expect(error.errnoCode == 104)  // ECONNRESET
      return nil
    }
  }
  return bytes.readableBytes == 0 ? nil : String(buffer: bytes)
}

private func withSimulator(
  _ configuration: DiscordSimulatorConfiguration = .init(),
  _ body: (DiscordSimulatorAddresses, DiscordSimulator) async throws -> Void
) async throws {
  var logger = Logger(label: "test")
  logger.logLevel = .error
  let simulator = DiscordSimulator(configuration: configuration, logger: logger)
  let group = ServiceGroup(configuration: .init(services: [simulator], logger: logger))
  let running = Task { try await group.run() }
  let outcome: Result<Void, any Error>
  do {
    try await body(try await simulator.addresses(), simulator)
    outcome = .success(())
  } catch {
    outcome = .failure(error)
  }
  await group.triggerGracefulShutdown()
  try await running.value
  try outcome.get()
}

@Test func simulatorAnswersOnBothPorts() async throws {
  try await withSimulator { addresses, _ in
    let me = try #require(try await exchange(addresses.api, "GET", "/users/@me"))
    #expect(me.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(me.contains("\r\nX-RateLimit-Bucket: "))
    #expect(me.contains("\r\nVia: 1.1 google\r\n"))
    #expect(me.components(of: "Date: ") == 2)
    let path = "/guilds/\(DiscordWorld.sandboxGuildID)/channels"
    let made = try #require(try await exchange(addresses.api, "POST", path, #"{"name":"a b"}"#))
    #expect(made.hasPrefix("HTTP/1.1 201 Created\r\n"))
    #expect(made.contains(#""name":"a-b""#))
    let control = try #require(addresses.control)
    let score = try #require(try await exchange(control, "GET", "/score"))
    #expect(score.contains(#""requests":2"#))
  }
}

@Test func lostAnswerResetsTheConnectionAfterTheCommit() async throws {
  try await withSimulator { addresses, simulator in
    let fault: JSONValue = ["method": "POST", "count": 1, "fault": ["kind": "reset-after-commit"]]
    let control = try #require(addresses.control)
    _ = try await exchange(control, "POST", "/faults", fault.serializedText())
    let path = "/guilds/\(DiscordWorld.sandboxGuildID)/channels"
    #expect(try await exchange(addresses.api, "POST", path, #"{"name":"lost"}"#) == nil)
    let count = simulator.withSimulation { simulation, _ in
      simulation.world.guilds[DiscordWorld.sandboxGuildID]?.channels.count ?? 0
    }
    #expect(count == 1)
  }
}

@Test func midBodyResetSendsHalfOfWhatItPromised() async throws {
  try await withSimulator { addresses, _ in
    let control = try #require(addresses.control)
    let fault = #"{"count":1,"fault":{"kind":"reset-mid-body"}}"#
    _ = try await exchange(control, "POST", "/faults", fault)
    let answer = try #require(try await exchange(addresses.api, "GET", "/users/@me"))
    let end = try #require(answer.range(of: "\r\n\r\n"))
    let marker = try #require(answer.range(of: "Content-Length: "))
    let promised = try #require(
      Int(answer[marker.upperBound...].prefix { $0.isNumber }))
    #expect(answer[end.upperBound...].utf8.count == promised / 2)
  }
}

@Test func stateFileCarriesTheWorldOver() async throws {
  let path = "/tmp/discord-simulator-\(UInt64.random(in: 0 ... .max)).json"
  var configuration = DiscordSimulatorConfiguration()
  configuration.stateFile = path
  configuration.controlPort = nil
  let channels = "/guilds/\(DiscordWorld.sandboxGuildID)/channels"
  try await withSimulator(configuration) { addresses, _ in
    #expect(addresses.control == nil)
    _ = try await exchange(addresses.api, "POST", channels, #"{"name":"kept"}"#)
  }
  try await withSimulator(configuration) { addresses, _ in
    let list = try #require(try await exchange(addresses.api, "GET", channels))
    #expect(list.contains(#""name":"kept""#))
  }
  try FileManager.default.removeItem(atPath: path)
}

@Test(arguments: [nil, "{"])
func aStateFileThatCannotBeKeptEndsTheStart(content: String?) async throws {
  let path = "/tmp/discord-simulator-\(UInt64.random(in: 0 ... .max))"
  let file = content == nil ? "\(path)/state.json" : path
  if let content { try content.write(toFile: path, atomically: true, encoding: .utf8) }
  defer { try? FileManager.default.removeItem(atPath: path) }
  var configuration = DiscordSimulatorConfiguration()
  configuration.stateFile = file
  let simulator = DiscordSimulator(configuration: configuration)
  let error = await #expect(throws: StateFileError.self) { try await simulator.run() }
  let action = content == nil ? "write" : "read"
  #expect(error?.description.hasPrefix("cannot \(action) the state file \(file): ") == true)
  await #expect(throws: (any Error).self) { _ = try await simulator.addresses() }
  #expect((try? String(contentsOfFile: path, encoding: .utf8)) == content)
}

@Test func addressInUseIsAnErrorForWhoWaits() async throws {
  try await withSimulator { addresses, _ in
    var configuration = DiscordSimulatorConfiguration()
    configuration.port = try #require(
      addresses.api.split(separator: ":").last.flatMap { Int($0.prefix { $0 != "/" }) })
    let second = DiscordSimulator(configuration: configuration)
    let running = Task { try await second.run() }
    await #expect(throws: (any Error).self) { _ = try await second.addresses() }
    let error = await #expect(throws: DiscordSimulator.StartError.self) { try await running.value }
    let port = configuration.port
    #expect(error?.description == "cannot listen on 127.0.0.1:\(port): Address already in use")
  }
}

extension String {
  fileprivate func components(of separator: String) -> Int {
    components(separatedBy: separator).count
  }
}
