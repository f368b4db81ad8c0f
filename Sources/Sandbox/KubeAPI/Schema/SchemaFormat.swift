/// The string formats that the API server checks; an unknown one accepts everything, as there.
enum SchemaFormat {
  static func accepts(_ text: String, as format: String) -> Bool {
    switch format {
    case "date-time", "datetime": KubeTime(parsing: text) != nil
    case "date": text.utf8.count == 10 && KubeTime(parsing: text + "T00:00:00Z") != nil
    case "uuid", "uuid3", "uuid4", "uuid5":
      SchemaPattern.matches(
        "(?i)^[0-9A-F]{8}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{12}$", text)
    case "uri": isURI(text)
    case "hostname":
      SchemaPattern.matches(
        #"^([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$"#,
        text)
    case "ipv4":
      text.split(separator: ".", omittingEmptySubsequences: false).count == 4
        && text.split(separator: ".").allSatisfy { UInt8($0) != nil }
    case "email": SchemaPattern.matches(#"^[^@\s]+@[^@\s]+$"#, text)
    case "byte": isBase64(text)
    case "duration":
      SchemaPattern.matches(
        #"^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)( ?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w))*)$"#,
        text)
    default: true
    }
  }

  /// Go's `url.ParseRequestURI`: absolute, or a path from the root.
  private static func isURI(_ text: String) -> Bool {
    text.hasPrefix("/") || SchemaPattern.matches(#"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$"#, text)
  }

  static func isBase64(_ text: String) -> Bool {
    text.utf8.count % 4 == 0 && SchemaPattern.matches("^[A-Za-z0-9+/]*={0,2}$", text)
  }
}
