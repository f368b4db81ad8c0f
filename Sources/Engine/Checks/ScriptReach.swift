import Glibc
import LuaBridge

/// Which modules each script can require, read from its text: enough to tell what a change can touch,
/// without parsing everything.
struct ScriptReach {
  private let sources: [String: ScriptSource]
  private let direct: [String: Set<String>]

  /// Reads the texts.
  init(_ sources: [ScriptSource]) {
    self.sources = Dictionary(sources.map { ($0.module, $0) }) { first, _ in first }
    let all = Set(sources.map(\.module))
    direct = self.sources.mapValues { Self.required(by: $0.text) ?? all }
  }

  /// A module and all that it can require, directly or through others.
  func modules(from roots: some Sequence<String>) -> Set<String> {
    var reached = Set<String>()
    var open = Array(roots)
    while let module = open.popLast() {
      guard sources[module] != nil, reached.insert(module).inserted else { continue }
      open += direct[module] ?? []
    }
    return reached
  }

  /// The names after `require`; nil when one is computed, so that it could be any. Comments count
  /// too: a module too many costs a little time, one too few a missed fault.
  private static func required(by text: [UInt8]) -> Set<String>? {
    var names = Set<String>()
    for place in endsOfRequire(in: text) {
      var rest = text[place...].drop { $0 == UInt8(ascii: " ") }
      let isCall = rest.first == UInt8(ascii: "(")
      if isCall { rest = rest.dropFirst().drop { $0 == UInt8(ascii: " ") } }
      guard let quote = rest.popFirst() else { continue }
      if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        names.insert(String(decoding: rest.prefix { $0 != quote }, as: UTF8.self))
      } else if isCall {
        return nil
      }
    }
    return names
  }

  private static let word = Array("require".utf8)

  /// Where each `require` ends. Looks for its rare letter with `memchr`: texts are searched at every
  /// reload.
  private static func endsOfRequire(in text: [UInt8]) -> [Int] {
    var ends: [Int] = []
    var place = 0
    while let letter = index(of: UInt8(ascii: "q"), in: text, from: place) {
      place = letter + 1
      let start = letter - 2
      guard start >= 0, start + word.count <= text.count,
        text[start..<start + word.count].elementsEqual(word)
      else { continue }
      ends.append(start + word.count)
    }
    return ends
  }

  private static func index(of byte: UInt8, in text: [UInt8], from start: Int) -> Int? {
    unsafe text.withUnsafeBytes { bytes -> Int? in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}
