/// A resource without its version, e.g. `channels` in `channel.discord.crossplane.io`.
package struct GroupResource: Sendable, Hashable, CustomStringConvertible {
  /// The API group; empty for the core group.
  package let group: String
  /// The plural name as in URLs.
  package let resource: String

  /// A resource by its group and plural.
  package init(group: String, resource: String) {
    self.group = group
    self.resource = resource
  }

  /// `channels.channel.discord.crossplane.io`, or `secrets` for the core group: how error
  /// messages and CRD names spell it.
  package var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
