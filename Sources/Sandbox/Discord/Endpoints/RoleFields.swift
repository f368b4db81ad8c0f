import JSONValue

/// Reads the fields of POST and PATCH bodies of roles into a role.
extension DiscordGuild {
  static let roleKeys: Set<String> = [
    "name", "permissions", "color", "colors", "hoist", "mentionable", "icon", "unicode_emoji",
  ]

  /// Puts every field of the body into the role; null stands for the default. Refuses with one
  /// answer for all fields.
  func readRole(
    _ reader: inout BodyReader, into role: inout DiscordRole
  ) throws(DiscordRefusal) {
    switch reader.string("name", length: 1...100, nullable: true, trimmed: true) {
    case .absent: break
    case .null: role.name = "new role"
    case .value(let name): role.name = name
    }
    switch reader.permissions("permissions") {
    case .absent: break
    case .null: role.permissions = everyone.permissions
    case .value(let bits): role.permissions = bits
    }
    for field in ["hoist", "mentionable"] {
      switch reader.bool(field, nullable: true) {
      case .absent: break
      case .null: role.attributes[field] = false
      case .value(let truth): role.attributes[field] = .bool(truth)
      }
    }
    let colors = readColors(&reader, now: role.attributes["colors"] ?? .null)
    let icon = readImage("icon", &reader)
    let emoji = reader.string("unicode_emoji", length: 0...100, nullable: true)
    try reader.finish()
    try requireRoleFeatures(colors: colors, setsIcon: icon.value != nil || emoji.value != nil)
    if let colors { role.attributes["colors"] = colors }
    if icon.isSent { role.attributes["icon"] = icon.value.map { .string($0) } ?? .null }
    if emoji.isSent {
      role.attributes["unicode_emoji"] = emoji.value.map { .string($0) } ?? .null
    }
  }

  /// Reads `colors`, or else the deprecated `color`, which is ignored beside it.
  private func readColors(_ reader: inout BodyReader, now: JSONValue) -> JSONValue? {
    let range: ClosedRange<Int64> = 0...0xff_ffff
    let plain = reader.integer("color", in: range, nullable: true)
    let none: JSONValue = [
      "primary_color": 0, "secondary_color": .null, "tertiary_color": .null,
    ]
    switch reader.raw("colors", nullable: true) {
    case .null: return none
    case .value(let value):
      return reader.object(value, of: "colors") { colors in
        colors.require("primary_color")
        var result = none
        for field in ["primary_color", "secondary_color", "tertiary_color"] {
          let sent = colors.integer(field, in: range, nullable: field != "primary_color")
          if let number = sent.value { result[field] = .integer(number) }
        }
        return result
      }
    case .absent:
      guard plain.isSent else { return nil }
      var result = none
      result["primary_color"] = .integer(plain.value ?? 0)
      return result
    }
  }

  /// Gradients need ENHANCED_ROLE_COLORS, and three colours only go as the holographic triple;
  /// icons need ROLE_ICONS.
  private func requireRoleFeatures(colors: JSONValue?, setsIcon: Bool) throws(DiscordRefusal) {
    if setsIcon, !features.contains("ROLE_ICONS") { throw .needsBoosts }
    guard let secondary = colors?["secondary_color"], let tertiary = colors?["tertiary_color"],
      !secondary.isNull || !tertiary.isNull
    else { return }
    guard features.contains("ENHANCED_ROLE_COLORS") else { throw .needsBoosts }
    guard !tertiary.isNull else { return }
    let isHolographic =
      colors?["primary_color"] == 11_127_295 && secondary == 16_759_788 && tertiary == 16_761_760
    guard isHolographic else { throw .invalidHolographicColors }
  }

  /// Reads a data URI into the hash that stands for it.
  func readImage(_ key: String, _ reader: inout BodyReader) -> SentField<String> {
    switch reader.string(key, length: 0...20_000_000, nullable: true) {
    case .absent: return .absent
    case .null: return .null
    case .value(let text):
      guard let hash = ImageData.hash(ofDataURI: text) else {
        reader.errors.add([key], "IMAGE_INVALID", "Invalid image data")
        return .absent
      }
      return .value(hash)
    }
  }
}
