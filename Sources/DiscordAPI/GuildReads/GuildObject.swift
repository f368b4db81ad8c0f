/// A guild with its roles, as `GET /guilds/{id}` gives both in one answer.
package struct GuildObject: Sendable {
  /// The guild's own members, JSON, without `roles`.
  package private(set) var guild: [UInt8]
  /// The guild's roles.
  package var roles: ObjectList

  /// The two parts of a guild's JSON; nil when it is no object or its roles are no list. An answer
  /// without `roles` gives an empty list and `hasRoles` false.
  package init?(parsing text: [UInt8]) {
    guard let members = JSONSlices.members(of: text) else { return nil }
    var own: [UInt8] = [UInt8(ascii: "{")]
    own.reserveCapacity(text.count)
    var found: ObjectList?
    for member in members {
      if text[member.key].elementsEqual("roles".utf8) {
        guard let list = ObjectList(parsing: Array(text[member.value])) else { return nil }
        found = list
        continue
      }
      if own.count > 1 { own.append(UInt8(ascii: ",")) }
      own.append(UInt8(ascii: "\""))
      own.append(contentsOf: text[member.key])
      own.append(UInt8(ascii: "\""))
      own.append(UInt8(ascii: ":"))
      own.append(contentsOf: text[member.value])
    }
    own.append(UInt8(ascii: "}"))
    guild = own
    hasRoles = found != nil
    roles = found ?? ObjectList()
  }

  /// Whether the text had a list of roles.
  let hasRoles: Bool

  /// The guild with its roles as one JSON object.
  package func serialized() -> [UInt8] {
    var output = guild
    output.removeLast()
    if output.count > 1 { output.append(UInt8(ascii: ",")) }
    output.append(contentsOf: "\"roles\":".utf8)
    output.append(contentsOf: roles.serialized())
    output.append(UInt8(ascii: "}"))
    return output
  }

  /// The same guild with this object's members and the other's roles.
  func keepingRoles(of other: GuildObject) -> GuildObject {
    var merged = self
    if !hasRoles { merged.roles = other.roles }
    return merged
  }
}
