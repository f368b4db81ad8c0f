import Engine

/// Messages that are not the result of a command.
enum StandardError {
  static func write(_ text: String) {
    StandardErrorLogHandler.writeToStandardError(Array(text.utf8))
  }
}
