/// A list of Discord objects as it was read, with an index from ID to each object's JSON bytes.
///
/// Objects are slices of the list's own text until one is replaced: a list of 500 channels costs
/// its text and an index, and one object is handed out without parsing the others.
package struct ObjectList: Sendable {
  private var slices: [ArraySlice<UInt8>]
  private var numbers: [UInt64]
  private var index: [UInt64: Int]
  /// The text as read; nil once an object entered, changed or left.
  private var text: [UInt8]?

  /// An empty list.
  package init() {
    slices = []
    numbers = []
    index = [:]
    text = Array("[]".utf8)
  }

  /// The objects of a JSON array; nil when the text is not one, or when an object has no ID.
  package init?(parsing text: [UInt8]) {
    guard let ranges = JSONSlices.elements(of: text) else { return nil }
    slices = []
    numbers = []
    slices.reserveCapacity(ranges.count)
    numbers.reserveCapacity(ranges.count)
    for range in ranges {
      guard let id = Self.id(of: text, at: range) else { return nil }
      slices.append(text[range])
      numbers.append(id.value)
    }
    index = [:]
    self.text = text
    reindex()
  }

  /// How many objects.
  package var count: Int { slices.count }

  /// The IDs in the list's order.
  package var ids: [String] { numbers.map { String($0) } }

  /// Whether the list has an object of that ID.
  package func contains(_ id: String) -> Bool {
    Snowflake(id).map { index[$0.value] != nil } ?? false
  }

  /// One object's JSON; nil when the list has none of that ID.
  package subscript(id: String) -> [UInt8]? {
    guard let number = Snowflake(id), let place = index[number.value] else { return nil }
    return Array(slices[place])
  }

  /// The whole list as a JSON array.
  package func serialized() -> [UInt8] {
    if let text { return text }
    var output: [UInt8] = []
    output.reserveCapacity(slices.reduce(2) { $0 + $1.count + 1 })
    output.append(UInt8(ascii: "["))
    for (place, slice) in slices.enumerated() {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      output.append(contentsOf: slice)
    }
    output.append(UInt8(ascii: "]"))
    return output
  }

  /// Calls with each object's JSON, in order.
  package func forEach(_ body: (ArraySlice<UInt8>) -> Void) {
    slices.forEach(body)
  }

  /// Puts an object in its place, or at the end when it is new and `inserting`.
  package mutating func replace(_ object: [UInt8], id: Snowflake, inserting: Bool) {
    if let place = index[id.value] {
      slices[place] = object[...]
    } else if inserting {
      index[id.value] = slices.count
      numbers.append(id.value)
      slices.append(object[...])
    } else {
      return
    }
    text = nil
  }

  /// Takes an object out; nothing when it is not there.
  package mutating func remove(_ id: Snowflake) {
    guard let place = index[id.value] else { return }
    slices.remove(at: place)
    numbers.remove(at: place)
    text = nil
    reindex()
  }

  mutating func append(contentsOf other: ObjectList) {
    for (number, slice) in zip(other.numbers, other.slices) where index[number] == nil {
      index[number] = slices.count
      numbers.append(number)
      slices.append(slice)
      text = nil
    }
  }

  private mutating func reindex() {
    index.removeAll(keepingCapacity: true)
    for (place, number) in numbers.enumerated() { index[number] = place }
  }

  /// The `id` of an object; very small ones may come as numbers.
  static func id(of text: [UInt8], at range: Range<Int>) -> Snowflake? {
    guard let value = JSONSlices.value(of: "id", in: text, at: range) else { return nil }
    return Snowflake(digits: JSONSlices.scalar(text, at: value))
  }
}
