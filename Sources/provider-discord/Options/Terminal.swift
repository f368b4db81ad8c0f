import Glibc

/// The process' output.
enum Terminal {
  /// Whether a person is looking.
  static var isStandardError: Bool { isatty(STDERR_FILENO) == 1 }

  /// Sends what was printed on its way, also into a pipe.
  static func flush() {
    fflush(nil)
  }
}
