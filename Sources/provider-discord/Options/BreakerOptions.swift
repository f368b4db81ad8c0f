import ArgumentParser
import DiscordAPI
import Engine

/// The circuit breakers, one for each resource type.
struct BreakerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Failures of Discord in a row (5xx, network, timeouts) that open it.", valueName: "number"))
  var breakerFailures: String = EnvironmentDefault.text("breaker-failures", "5")

  @Option(
    help: ArgumentHelp(
      "How long it stays open before one request finds out whether Discord is back; each time that "
        + "fails doubles it. It varies by a fifth.", valueName: "duration"))
  var breakerCoolDown: String = EnvironmentDefault.text("breaker-cool-down", "5s")

  @Option(help: ArgumentHelp("The longest that it stays open.", valueName: "duration"))
  var breakerMaxCoolDown: String = EnvironmentDefault.text("breaker-max-cool-down", "1m")

  mutating func validate() throws { _ = try breaker() }

  /// The breakers as the client knows them.
  func breaker() throws -> CircuitBreaker.Configuration {
    var breaker = CircuitBreaker.Configuration()
    guard let failures = Int(breakerFailures), (1...1_000).contains(failures) else {
      throw ValidationError(
        "--breaker-failures \(breakerFailures) is not a number between 1 and 1000")
    }
    guard let coolDown = GoDuration.parse(breakerCoolDown), coolDown >= .milliseconds(100) else {
      throw ValidationError(
        "--breaker-cool-down \(breakerCoolDown) is not a duration of at least 100ms, such as 5s")
    }
    guard let maximum = GoDuration.parse(breakerMaxCoolDown), maximum >= coolDown else {
      throw ValidationError(
        "--breaker-max-cool-down \(breakerMaxCoolDown) is not a duration of at least "
          + "--breaker-cool-down, \(breakerCoolDown)")
    }
    breaker.failures = failures
    breaker.coolDown = coolDown
    breaker.maximumCoolDown = maximum
    return breaker
  }
}
