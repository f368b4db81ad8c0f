import FoundationEssentials

extension KubeTime {
  /// The system's wall clock.
  package static let current: @Sendable () -> KubeTime = {
    KubeTime(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }
}
