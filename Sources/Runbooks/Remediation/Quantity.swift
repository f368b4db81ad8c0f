/// An amount as Kubernetes writes it: `512Mi`, `500m`, `1`, `2G`
/// (apimachinery/pkg/api/resource/quantity.go).
package enum Quantity {
  private static let suffixes: [String: Double] = [
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 1_024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
    "Pi": 1_125_899_906_842_624, "Ei": 1_152_921_504_606_846_976,
  ]

  /// The amount in base units (bytes, cores); nil when the text is no quantity.
  package static func parse(_ text: String) -> Double? {
    if let number = Double(text), number.isFinite, !text.contains(where: { "xXpP".contains($0) }) {
      return number
    }
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "+" || $0 == "-") }
    guard let number = Double(digits), let factor = suffixes[String(text.dropFirst(digits.count))]
    else { return nil }
    return number * factor
  }
}
