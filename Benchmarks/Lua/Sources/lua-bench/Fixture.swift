import Foundation
import LuaBridge

/// What is measured: `observe` of scripts/resources/channel.lua on a stored object, with canned
/// answers.
enum Fixture {
  /// A channel as the API server stores it, without managedFields: about 1.2 KB.
  static let object = """
    {"apiVersion":"channel.discord.crossplane.io/v1alpha1","kind":"Channel","metadata":{\
    "annotations":{"crossplane.io/external-create-pending":"2026-01-01T00:00:00Z",\
    "crossplane.io/external-create-succeeded":"2026-01-01T00:00:01Z",\
    "crossplane.io/external-name":"900000000000000020"},\
    "creationTimestamp":"2026-01-01T00:00:00Z","finalizers":["finalizer.managedresource.crossplane.io"],\
    "generation":2,"labels":{"team":"platform"},"name":"general","namespace":"default",\
    "resourceVersion":"184467","uid":"6b1f6f86-4a1e-4f43-9f37-2d5d0f6a3c11"},\
    "spec":{"deletionPolicy":"Delete","forProvider":{"guildId":"900000000000000001",\
    "name":"general","nsfw":false,"parentId":"900000000000000010","rateLimitPerUser":5,\
    "topic":"Where the platform team answers questions","type":0},\
    "providerConfigRef":{"name":"default"}},\
    "status":{"atProvider":{"guildId":"900000000000000001","id":"900000000000000020",\
    "name":"general","parentId":"900000000000000010","type":0},"conditions":[\
    {"lastTransitionTime":"2026-01-01T00:00:02Z","reason":"Available","status":"True","type":"Ready"},\
    {"lastTransitionTime":"2026-01-01T00:00:02Z","reason":"ReconcileSuccess","status":"True",\
    "type":"Synced"}]}}
    """

  /// `ctx` as the engine builds it.
  static let context = Array(
    """
    {"resource":\(object),"spec":{"forProvider":{"guildId":"900000000000000001",\
    "name":"general","nsfw":false,"parentId":"900000000000000010","rateLimitPerUser":5,\
    "topic":"Where the platform team answers questions","type":0}},\
    "external_name":"900000000000000020","now":"2026-01-02T00:00:00Z","now_ms":1767312000000}
    """.utf8)

  /// The answer to the one effect of the run.
  static let answer = Array(
    """
    {"ok":true,"status":200,"body":{"id":"900000000000000020","guild_id":"900000000000000001",\
    "type":0,"name":"general","topic":"Where the platform team answers questions",\
    "parent_id":"900000000000000010","position":3,"nsfw":false,"rate_limit_per_user":5,\
    "last_message_id":"900000000000000099","flags":0,"permission_overwrites":[]}}
    """.utf8)

  static let module = "resources.channel"

  static func sources(_ folder: String) throws -> [ScriptSource] {
    try ScriptSource.read(directory: folder)
  }

  /// Kubernetes objects in one array, of at least so many bytes.
  static func list(bytes: Int) -> [UInt8] {
    let copies = bytes / object.utf8.count + 1
    return Array(("[" + Array(repeating: object, count: copies).joined(separator: ",") + "]").utf8)
  }
}
