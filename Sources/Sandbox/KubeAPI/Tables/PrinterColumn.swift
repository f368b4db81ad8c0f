import JSONValue

/// A column of `kubectl get`.
package struct PrinterColumn: Sendable {
  /// Where a cell comes from.
  enum Cell: Sendable {
    /// The first result of a path, typed by the column's `type`.
    case path(PrinterPath)
    /// How many members or elements there are below a path.
    case count([String])
    /// `kind/name` of the object an Event is about, in lower case.
    case involvedObject
    /// The component that reported an Event.
    case eventSource
    /// The last time an Event was seen, as an age.
    case eventLastSeen
    /// `n/m` of two numbers.
    case ratio([String], [String])
    /// `kind/name` of the role that a binding grants.
    case roleReference
  }

  let name: String
  let type: String
  let format: String
  let detail: String
  let priority: Int64
  let cell: Cell

  init(
    _ name: String, type: String = "string", format: String = "", detail: String = "",
    priority: Int64 = 0, cell: Cell
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.detail = detail
    self.priority = priority
    self.cell = cell
  }

  init(
    _ name: String, _ path: String, type: String = "string", priority: Int64 = 0,
    detail: String = ""
  ) {
    self.init(
      name, type: type, detail: detail, priority: priority,
      cell: .path((try? PrinterPath(parsing: path)) ?? .nothing))
  }

  /// The column that every table without its own columns ends in.
  static let age = PrinterColumn(
    "Age", ".metadata.creationTimestamp", type: "date",
    detail: "CreationTimestamp is a timestamp representing the server time when this object was "
      + "created. It is not guaranteed to be set in happens-before order across separate "
      + "operations.")

  /// The first column of every table.
  static let name = PrinterColumn(
    "Name", type: "string", format: "name",
    detail: "Name must be unique within a namespace.",
    cell: .path((try? PrinterPath(parsing: ".metadata.name")) ?? .nothing))

  var definition: JSONValue {
    [
      "name": .string(name), "type": .string(type), "format": .string(format),
      "description": .string(detail), "priority": .integer(priority),
    ]
  }
}
