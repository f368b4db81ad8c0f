import DiscordAPI
import HTTPTransport

let secret = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"

func makeClient(
  _ transport: ScriptedTransport, clock: VirtualClock = VirtualClock(),
  observer: DiscordObserver = DiscordObserver(),
  configuration: DiscordClientConfiguration = DiscordClientConfiguration()
) throws -> DiscordClient {
  DiscordClient(
    token: try DiscordToken(secret), transport: transport, time: clock.time, random: { 0.5 },
    observer: observer, configuration: configuration)
}

/// The error of a request that must fail.
func failure(
  _ client: DiscordClient, _ request: DiscordRequest
) async -> DiscordError? {
  do throws(DiscordError) {
    _ = try await client.send(request)
    return nil
  } catch {
    return error
  }
}

func get(_ path: String, type: String = "channel") -> DiscordRequest {
  DiscordRequest(method: "GET", path: path, resourceType: type)
}

func write(_ method: String, _ path: String, _ body: String? = "{}") -> DiscordRequest {
  DiscordRequest(
    method: method, path: path, body: body.map { Array($0.utf8) }, priority: .update,
    resourceType: "channel", operation: "update")
}
