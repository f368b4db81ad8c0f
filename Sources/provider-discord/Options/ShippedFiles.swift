import Glibc

/// Where the files that came with the binary are: beside it, in its share folder, at the root of an
/// image, or in the checkout that it was built in.
enum ShippedFiles {
  /// The rules; nil when they are nowhere to be found.
  static func scripts() -> String? {
    find("scripts", in: "scripts", holding: "resources")
  }

  /// The CustomResourceDefinitions; nil when they are nowhere to be found.
  static func customResourceDefinitions() -> String? {
    find("crds", in: "chart/provider-discord/crds", holding: "")
  }

  private static func find(_ name: String, in checkout: String, holding entry: String) -> String? {
    var candidates = ["/\(name)"]
    if let binary = executablePath() {
      let folder = parent(of: binary)
      candidates =
        ["\(folder)/\(name)", "\(folder)/../share/provider-discord/\(name)"] + candidates
      var ancestor = folder
      for _ in 0..<4 {
        ancestor = parent(of: ancestor)
        candidates.append("\(ancestor)/\(checkout)")
      }
    }
    return candidates.first { unsafe access("\($0)/\(entry)", R_OK) == 0 }
  }

  private static func executablePath() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let length = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe readlink("/proc/self/exe", $0, bytes.count) } ?? 0
    }
    return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
