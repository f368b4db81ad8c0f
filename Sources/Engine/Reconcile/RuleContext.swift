import JSONValue
import KubeWatch

/// `ctx`: what a function of a rule gets to know.
struct RuleContext {
  let resource: ManagedResource
  /// `spec.forProvider` with its references filled in.
  let forProvider: JSONValue
  let externalName: String?
  let now: Timestamp
  /// What a create or update of the same reconcile learnt.
  var stored: JSONValue?
  /// Only for `find`.
  var createdAfter: String?

  /// As JSON. The object's bytes go in as they are stored.
  var bytes: [UInt8] {
    var fields: [(String, JSONValue)] = [
      ("now", .string(now.seconds)), ("now_ms", .integer(now.millisecondsSince1970)),
    ]
    if let externalName { fields.append(("external_name", .string(externalName))) }
    if let stored { fields.append(("stored", stored)) }
    if let createdAfter { fields.append(("created_after", .string(createdAfter))) }
    var bytes = Array(#"{"resource":"#.utf8)
    bytes.append(contentsOf: resource.object.bytes)
    bytes.append(contentsOf: #","spec":{"forProvider":"#.utf8)
    forProvider.write(into: &bytes)
    bytes.append(UInt8(ascii: "}"))
    for (name, value) in fields {
      bytes.append(contentsOf: ",\"\(name)\":".utf8)
      value.write(into: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
