import ArgumentParser
import Glibc

/// Every option is an environment variable as well: `--log-level` is `PROVIDER_DISCORD_LOG_LEVEL`.
/// The command line wins.
enum EnvironmentDefault {
  static func text(_ option: String, _ standard: String) -> String {
    value(option) ?? standard
  }

  static func optional(_ option: String) -> String? { value(option) }

  static func list(_ option: String) -> [String] {
    value(option)?.split(separator: ",").map(String.init) ?? []
  }

  /// `true` or `1`, and `false` or `0`; nil for anything else.
  static func flag(_ option: String) -> Bool? {
    switch value(option)?.lowercased() {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }

  private static func value(_ option: String) -> String? {
    let name =
      "PROVIDER_DISCORD_" + option.uppercased().split(separator: "-").joined(separator: "_")
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}
