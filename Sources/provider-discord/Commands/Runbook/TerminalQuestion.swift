import Glibc

/// A yes-or-no question to the person at the terminal, also where standard input is a file.
enum TerminalQuestion {
  /// Whether there is a terminal.
  static var canAsk: Bool {
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  /// - Returns: whether the answer is yes; no answer is no.
  static func ask(_ question: String) -> Bool {
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    defer { close(terminal) }
    var text = Array("\(question) [y/N] ".utf8)[...]
    while !text.isEmpty {
      let count = unsafe text.withUnsafeBytes { unsafe write(terminal, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      text = text.dropFirst(count)
    }
    var answer: [UInt8] = []
    var byte: UInt8 = 0
    while answer.count < 64, unsafe read(terminal, &byte, 1) == 1, byte != 10 {
      answer.append(byte)
    }
    return ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased())
  }
}
