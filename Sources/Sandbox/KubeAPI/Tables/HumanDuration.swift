/// Ages as `kubectl get` shows them: `k8s.io/apimachinery/pkg/util/duration.HumanDuration`.
enum HumanDuration {
  static func text(since start: KubeTime, now: KubeTime) -> String {
    text(seconds: (now.microseconds - start.microseconds) / 1_000_000)
  }

  static func text(seconds: Int64) -> String {
    if seconds < -1 { return "<invalid>" }
    if seconds < 0 { return "0s" }
    let minutes = seconds / 60
    let hours = minutes / 60
    let days = hours / 24
    let years = days / 365
    return switch true {
    case seconds < 120: "\(seconds)s"
    case minutes < 10: both(minutes, "m", seconds % 60, "s")
    case minutes < 180: "\(minutes)m"
    case hours < 8: both(hours, "h", minutes % 60, "m")
    case hours < 48: "\(hours)h"
    case hours < 192: both(days, "d", hours % 24, "h")
    case days < 730: "\(days)d"
    case days < 2_920: both(years, "y", days % 365, "d")
    default: "\(years)y"
    }
  }

  private static func both(
    _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String
  ) -> String {
    small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
  }
}
