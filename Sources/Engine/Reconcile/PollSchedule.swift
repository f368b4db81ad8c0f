/// When an object is looked at again although nothing happened.
///
/// All objects of one guild are due at the same moments, so that one read of the guild serves them
/// all; different guilds are spread over the interval.
package struct PollSchedule: Sendable {
  /// The interval between two looks.
  package let interval: Duration

  /// Makes a schedule.
  package init(interval: Duration) {
    self.interval = interval
  }

  /// How long until the next moment of a group.
  ///
  /// - Parameters:
  ///   - group: what shares its moments, e.g. a guild's ID.
  ///   - interval: the object's own interval, where it has one.
  ///   - now: the uptime.
  package func wait(group: String, interval own: Duration? = nil, now: Duration) -> Duration {
    let interval = max(own ?? interval, .seconds(1)).inMilliseconds
    let phase = Int64(bitPattern: Self.hash(group) % UInt64(interval))
    let position = (now.inMilliseconds - phase) % interval
    let elapsed = position < 0 ? position + interval : position
    // Close to the moment that just passed the next one is meant, or a key would come back twice.
    let wait = interval - elapsed
    return .milliseconds(wait < interval / 10 ? wait + interval : wait)
  }

  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
