import Glibc

/// The process' output.
enum Terminal {
  /// Whether a person is looking.
  static var isStandardError: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether the result of a command goes to a terminal that knows colours.
  static var isStandardOutput: Bool {
    let wantsColours = unsafe getenv("NO_COLOR") == nil
    return wantsColours && isatty(STDOUT_FILENO) == 1
  }

  /// Sends what was printed on its way, also into a pipe.
  static func flush() {
    fflush(nil)
  }
}
