/// Quantities as Kubernetes writes them.
package enum KubeQuantity {
  private static let factors: [String: Double] = [
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
    "Pi": 1_125_899_906_842_624,
  ]

  /// Cores or bytes; nil for what is no quantity.
  package static func value(_ text: String?) -> Double? {
    guard let text else { return nil }
    let unit = String(text.reversed().prefix { $0.isLetter }.reversed())
    guard let factor = factors[unit], let number = Double(text.dropLast(unit.count)) else {
      return nil
    }
    return number * factor
  }
}
