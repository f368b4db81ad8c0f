/// Every route that the simulator has. The raw value is the method and the template, in which `{}`
/// stands for a variable part; it is also the route's name in scores, limits and faults.
package enum DiscordOperation: String, Sendable, Hashable, CaseIterable {
  case getGateway = "GET /gateway"
  case getGatewayBot = "GET /gateway/bot"
  case getApplication = "GET /applications/@me"
  case getOAuthApplication = "GET /oauth2/applications/@me"
  case getMe = "GET /users/@me"
  case getUser = "GET /users/{}"
  case getMyGuilds = "GET /users/@me/guilds"
  case leaveGuild = "DELETE /users/@me/guilds/{}"
  case createGuild = "POST /guilds"
  case getGuild = "GET /guilds/{}"
  case updateGuild = "PATCH /guilds/{}"
  case getChannels = "GET /guilds/{}/channels"
  case createChannel = "POST /guilds/{}/channels"
  case moveChannels = "PATCH /guilds/{}/channels"
  case getChannel = "GET /channels/{}"
  case updateChannel = "PATCH /channels/{}"
  case deleteChannel = "DELETE /channels/{}"
  case putOverwrite = "PUT /channels/{}/permissions/{}"
  case deleteOverwrite = "DELETE /channels/{}/permissions/{}"
  case getRoles = "GET /guilds/{}/roles"
  case createRole = "POST /guilds/{}/roles"
  case moveRoles = "PATCH /guilds/{}/roles"
  case getRoleMemberCounts = "GET /guilds/{}/roles/member-counts"
  case getRole = "GET /guilds/{}/roles/{}"
  case updateRole = "PATCH /guilds/{}/roles/{}"
  case deleteRole = "DELETE /guilds/{}/roles/{}"
  case getMembers = "GET /guilds/{}/members"
  case searchMembers = "GET /guilds/{}/members/search"
  case updateOwnMember = "PATCH /guilds/{}/members/@me"
  case getMember = "GET /guilds/{}/members/{}"
  case updateMember = "PATCH /guilds/{}/members/{}"
  case removeMember = "DELETE /guilds/{}/members/{}"
  case addMemberRole = "PUT /guilds/{}/members/{}/roles/{}"
  case removeMemberRole = "DELETE /guilds/{}/members/{}/roles/{}"
  case getAuditLog = "GET /guilds/{}/audit-logs"
  case getGuildWebhooks = "GET /guilds/{}/webhooks"
  case getChannelWebhooks = "GET /channels/{}/webhooks"
  case createWebhook = "POST /channels/{}/webhooks"
  case getWebhook = "GET /webhooks/{}"
  case updateWebhook = "PATCH /webhooks/{}"
  case deleteWebhook = "DELETE /webhooks/{}"
  case getWebhookByToken = "GET /webhooks/{}/{}"
  case updateWebhookByToken = "PATCH /webhooks/{}/{}"
  case deleteWebhookByToken = "DELETE /webhooks/{}/{}"
  case getGuildInvites = "GET /guilds/{}/invites"
  case getChannelInvites = "GET /channels/{}/invites"
  case createInvite = "POST /channels/{}/invites"
  case getInvite = "GET /invites/{}"
  case deleteInvite = "DELETE /invites/{}"

  /// What the first variable part of the path identifies.
  package enum Subject: Sendable {
    case nothing
    case guild
    case channel
    case webhook
    case invite
    case user
  }

  /// The method alone.
  package var method: String { String(rawValue.prefix { $0 != " " }) }

  /// The template alone.
  package var template: String { String(rawValue.drop { $0 != " " }.dropFirst()) }

  /// What the first variable part of the path identifies.
  package var subject: Subject { Self.subjects[self] ?? .nothing }

  /// Whether the call cannot change anything.
  package var isRead: Bool { Self.reads.contains(self) }

  /// Whether a webhook's token in the path takes the place of `Authorization`.
  package var isByToken: Bool {
    switch self {
    case .getWebhookByToken, .updateWebhookByToken, .deleteWebhookByToken: true
    default: false
    }
  }

  /// The name that an error gives to the variable part at this place; nil for parts that are no
  /// identifiers.
  package func parameterName(_ index: Int) -> String? {
    guard let names = Self.parameterNames[self], names.indices.contains(index) else { return nil }
    return names[index]
  }

  private static let parameterNames: [DiscordOperation: [String?]] = {
    let names: [Substring: String] = [
      "guilds": "guild_id", "channels": "channel_id", "roles": "role_id", "members": "user_id",
      "users": "user_id", "permissions": "overwrite_id", "webhooks": "webhook_id",
    ]
    var result: [DiscordOperation: [String?]] = [:]
    for operation in allCases {
      let segments = operation.template.split(separator: "/")
      result[operation] = segments.indices.dropFirst().filter { segments[$0] == "{}" }.map {
        names[segments[$0 - 1]]
      }
    }
    return result
  }()

  private static let reads = Set(allCases.filter { $0.method == "GET" })

  private static let subjects: [DiscordOperation: Subject] = {
    var result: [DiscordOperation: Subject] = [:]
    for operation in allCases {
      let subject: Subject =
        switch operation.template.split(separator: "/").prefix(2).joined(separator: "/") {
        case "guilds/{}": .guild
        case "channels/{}": .channel
        case "webhooks/{}": .webhook
        case "invites/{}": .invite
        case "users/{}": .user
        default: .nothing
        }
      result[operation] = subject
    }
    return result
  }()
}

/// Finds the operation of a method and a path.
package struct DiscordRouteTable: Sendable {
  /// What a look-up found.
  package enum Match: Sendable, Equatable {
    case found(DiscordOperation, parameters: [String])
    case wrongMethod
    case nothing
  }

  private final class Node: Sendable {
    let literals: [String: Node]
    let variable: Node?
    let operations: [String: DiscordOperation]

    init(_ routes: [(segments: ArraySlice<Substring>, operation: DiscordOperation)]) {
      var operations: [String: DiscordOperation] = [:]
      var deeper: [String: [(segments: ArraySlice<Substring>, operation: DiscordOperation)]] = [:]
      for route in routes {
        if let first = route.segments.first {
          deeper[String(first), default: []].append(
            (route.segments.dropFirst(), route.operation))
        } else {
          operations[route.operation.method] = route.operation
        }
      }
      variable = deeper.removeValue(forKey: "{}").map { Node($0) }
      literals = deeper.mapValues { Node($0) }
      self.operations = operations
    }
  }

  private let root: Node

  /// The table of every operation.
  package static let all = DiscordRouteTable()

  private init() {
    root = Node(
      DiscordOperation.allCases.map { ($0.template.split(separator: "/")[...], $0) })
  }

  /// The operation for a path below `/api/v10`. A literal part wins over a variable one, unless
  /// only the variable one has the method.
  package func match(method: String, path: Substring) -> Match {
    var ends: [(node: Node, parameters: [String])] = []
    let segments = path.split(separator: "/").map { String($0) }
    collect(root, segments[...], [], &ends)
    for end in ends {
      if let operation = end.node.operations[method] {
        return .found(operation, parameters: end.parameters)
      }
    }
    return ends.isEmpty ? .nothing : .wrongMethod
  }

  private func collect(
    _ node: Node, _ segments: ArraySlice<String>, _ parameters: [String],
    _ ends: inout [(node: Node, parameters: [String])]
  ) {
    guard let first = segments.first else {
      if !node.operations.isEmpty { ends.append((node, parameters)) }
      return
    }
    if let next = node.literals[first] {
      collect(next, segments.dropFirst(), parameters, &ends)
    }
    if let next = node.variable {
      collect(next, segments.dropFirst(), parameters + [first], &ends)
    }
  }
}
