/// From the operation to the method that performs it.
extension DiscordGuild {
  /// Performs a call that concerns this guild.
  mutating func perform(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    switch call.operation {
    case .getGuild: getGuild(call)
    case .updateGuild: try updateGuild(call, &ids)
    case .getChannels: getChannels(call)
    case .createChannel: try createChannel(call, &ids)
    case .moveChannels: try moveChannels(call, &ids)
    case .getChannel: try getChannel(call)
    case .updateChannel: try updateChannel(call, &ids)
    case .deleteChannel: try deleteChannel(call, &ids)
    case .putOverwrite: try putOverwrite(call, &ids)
    case .deleteOverwrite: try deleteOverwrite(call, &ids)
    case .getRoles: getRoles()
    case .createRole: try createRole(call, &ids)
    case .moveRoles: try moveRoles(call)
    case .getRoleMemberCounts: getRoleMemberCounts()
    case .getRole: try getRole(call)
    case .updateRole: try updateRole(call, &ids)
    case .deleteRole: try deleteRole(call, &ids)
    case .getMembers: try getMembers(call)
    case .searchMembers: try searchMembers(call)
    case .updateOwnMember: try updateOwnMember(call, &ids)
    case .getMember: try getMember(call)
    case .updateMember: try updateMember(call, &ids)
    case .removeMember: try removeMember(call, &ids)
    case .addMemberRole, .removeMemberRole: try changeMemberRole(call, &ids)
    case .getAuditLog: try getAuditLog(call)
    case .getGuildWebhooks: try getGuildWebhooks(call)
    case .getChannelWebhooks: try getChannelWebhooks(call)
    case .createWebhook: try createWebhook(call, &ids)
    case .getWebhook, .getWebhookByToken: try getWebhook(call)
    case .updateWebhook, .updateWebhookByToken: try updateWebhook(call, &ids)
    case .deleteWebhook, .deleteWebhookByToken: try deleteWebhook(call, &ids)
    case .getGuildInvites: try getGuildInvites(call)
    case .getChannelInvites: try getChannelInvites(call)
    case .createInvite: try createInvite(call, &ids)
    case .getInvite: try getInvite(call)
    case .deleteInvite: try deleteInvite(call, &ids)
    case .getGateway, .getGatewayBot, .getApplication, .getOAuthApplication, .getMe, .getUser,
      .getMyGuilds, .leaveGuild, .createGuild:
      throw .notFound
    }
  }
}
