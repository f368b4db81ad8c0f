import JSONValue
package import KubeWatch
package import LuaBridge

/// A resource rule as its script describes itself: which kind it serves, what it refers to, what it
/// may do. The functions stay in Lua.
package struct Rule: Sendable {
  /// The kind of Kubernetes object that the rule reconciles.
  package let type: ResourceType
  /// The module's name in its bundle, e.g. `resources.channel`.
  package let module: String
  /// The label `resource_type` of metrics and the circuit breaker: `guild`, `channel`, `role`.
  package let resourceType: String
  /// Discord's audit log event of a create (10 CHANNEL_CREATE, 30 ROLE_CREATE), by which an
  /// interrupted create is found again; nil where nothing is created.
  package let auditAction: Int?
  /// Whether `observe` can find a resource that has no external name yet, e.g. a guild by its name.
  /// Without it such a resource counts as absent, and `observe` is not even asked.
  package let adopts: Bool
  /// The spec's references to other managed resources.
  package let references: [RuleReference]
  /// What the script may do, e.g. `discord.write`.
  package let capabilities: Set<String>
  /// The budgets that the rule lowers for itself.
  package let limits: RuleLimits
  /// The functions that the module exports.
  package let functions: Set<String>
  /// Identifies the module and all that it may require; changes when any of it does.
  package let hash: String
  /// The scripts that the rule's functions run in.
  package let bundle: ScriptBundle

  /// Reads a rule's description.
  ///
  /// - Throws: `RuleError` naming the module and the field that is missing or wrong.
  package init(module: String, in bundle: ScriptBundle) throws {
    let description = try bundle.describe(module)
    func text(_ name: String) throws -> String {
      guard let value = description[name]?.stringValue, !value.isEmpty else {
        throw RuleError(
          module: module, message: "the rule's table needs a text field \"\(name)\"", field: name)
      }
      return value
    }
    self.module = module
    self.bundle = bundle
    hash = bundle.hash
    type = ResourceType(
      group: try text("group"), version: try text("version"), kind: try text("kind"),
      plural: try text("plural"), isNamespaced: description["namespaced"]?.boolValue ?? true)
    resourceType = try text("resource_type")
    auditAction = description["audit_action"]?.integerValue.map { Int($0) }
    adopts = description["adopts"]?.boolValue ?? false
    references = try (description["references"]?.arrayValue ?? []).enumerated().map {
      guard let reference = RuleReference($0.element) else {
        throw RuleError(
          module: module,
          message: "references[\($0.offset + 1)] needs the text fields field, ref and kind",
          field: "references", element: $0.offset)
      }
      return reference
    }
    limits = try RuleLimits(description["limits"], module: module)
    capabilities = Set(description["capabilities"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    functions = Set(description["functions"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    for required in ["observe"] where !functions.contains(required) {
      throw RuleError(
        module: module,
        message: "the rule has no function \"\(required)\""
          + Suggestion.text(for: required, among: functions), field: required)
    }
    let known: Set<String> = ["discord.read", "discord.write"]
    if let unknown = capabilities.subtracting(known).min() {
      throw RuleError(
        module: module,
        message: "\"\(unknown)\" is no capability that exists"
          + Suggestion.text(for: unknown, among: known),
        field: "capabilities", text: unknown)
    }
  }
}

/// A field of `spec.forProvider` that may be filled from another resource's external name.
package struct RuleReference: Sendable, Hashable {
  /// The field that is filled, e.g. `guildId` or `permissionOverwrites[].id`.
  package let field: String
  /// Where the reference stands, e.g. `guildIdRef`.
  package let reference: String
  /// Where a selector may stand instead, e.g. `guildIdSelector`.
  package let selector: String?
  /// The kind that is referred to.
  package let kind: String
  /// Whether the resource cannot exist without the field.
  package let isRequired: Bool

  init?(_ value: JSONValue) {
    guard let field = value["field"]?.stringValue, let reference = value["ref"]?.stringValue,
      let kind = value["kind"]?.stringValue
    else { return nil }
    self.field = field
    self.reference = reference
    self.kind = kind
    selector = value["selector"]?.stringValue
    isRequired = value["required"]?.boolValue ?? false
  }
}

/// A module that does not describe itself as a rule must.
package struct RuleError: Error, Sendable, CustomStringConvertible {
  /// The module's name.
  package let module: String
  /// What is missing or wrong.
  package let message: String
  /// The member of the rule's table that it is about, such as `capabilities`.
  let field: String?
  /// The element of that member's list, counted from 0.
  let element: Int?
  /// The text in that member that is wrong.
  let text: String?

  init(
    module: String, message: String, field: String? = nil, element: Int? = nil, text: String? = nil
  ) {
    self.module = module
    self.message = message
    self.field = field
    self.element = element
    self.text = text
  }

  package var description: String { "\(module): \(message)" }
}
