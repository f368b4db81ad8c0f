import JSONValue
import Sandbox

/// Compares the cluster with Discord when all has come to rest: what is there twice, what belongs to
/// nobody, what did not get ready.
struct Audit: Sendable, CustomStringConvertible {
  /// Objects of Discord that were made more often than they are managed.
  var duplicates: [String] = []
  /// Objects of Discord that were made by the provider and that no resource knows.
  var orphans: [String] = []
  /// Resources that are neither Ready nor stopped in the documented way.
  var unfinished: [String] = []
  /// Ready resources whose object is not there.
  var missing: [String] = []
  /// Resources that are stopped in the documented way.
  var stopped: [String] = []
  /// Resources that wait for a stopped one, and say so.
  var waiting: [String] = []
  /// Managed objects, guilds apart.
  var objects = 0

  var isClean: Bool {
    duplicates.isEmpty && orphans.isEmpty && unfinished.isEmpty && missing.isEmpty
  }

  var description: String {
    "duplicates \(duplicates), orphans \(orphans), unfinished \(unfinished), missing \(missing), "
      + "stopped \(stopped)"
  }

  /// What was there before the provider: roles of bots, @everyone.
  init(_ simulation: Simulation) throws {
    let resources = try simulation.resources()
    var claimed: [String: [String]] = [:]
    // A stopped resource may have made one object, which its owner is to look at.
    var undecided: [String: Int] = [:]
    let names = resources.filter(\.isStopped).map(\.name)
    for resource in resources {
      if resource.isStopped {
        stopped.append(resource.name)
        undecided[Self.label(resource), default: 0] += 1
      } else if resource.waits(for: names) {
        waiting.append(resource.name)
      } else if !resource.isReady {
        unfinished.append("\(resource)")
      }
      guard resource.kind != "Guild" else { continue }
      objects += 1
      if let id = resource.externalName { claimed[id, default: []].append(resource.name) }
    }
    for (id, names) in claimed where names.count > 1 {
      duplicates.append("\(id) is claimed by \(names.sorted())")
    }
    let guilds = simulation.discord.with { $0.world.guilds.values.map { $0 } }
    var there: Set<String> = []
    for guild in guilds {
      for (label, id) in Self.objects(of: guild) {
        there.insert(id)
        guard claimed[id] == nil else { continue }
        if undecided[label, default: 0] > 0 {
          undecided[label, default: 0] -= 1
        } else if resources.contains(where: { Self.label($0) == label }) {
          duplicates.append("\(label) \(id)")
        } else {
          orphans.append("\(label) \(id)")
        }
      }
    }
    missing = resources.filter {
      $0.kind != "Guild" && $0.isReady && !there.contains($0.externalName ?? "")
    }.map(\.description)
  }

  private static func objects(of guild: DiscordGuild) -> [(label: String, id: String)] {
    guild.channels.values.map { ("Channel \($0.type.rawValue) \($0.name)", $0.id.description) }
      + guild.roles.values.filter { $0.id != guild.id && !$0.isManaged }.map {
        ("Role \($0.name)", $0.id.description)
      }
  }

  /// Names in the simulations are such that Discord leaves them as they are.
  private static func label(_ resource: Resource) -> String {
    let wanted = resource.value.value(at: "spec", "forProvider")
    let name = wanted?["name"]?.stringValue ?? ""
    return resource.kind == "Channel"
      ? "Channel \(wanted?["type"]?.integerValue ?? 0) \(name)" : "\(resource.kind) \(name)"
  }
}
