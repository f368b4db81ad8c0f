import DiscordAPI
import Testing

@Test(arguments: [
  ("GET", "/guilds/81384788765712384", "GET /guilds/{id}", "guilds/81384788765712384"),
  ("POST", "/guilds/1/channels", "POST /guilds/{id}/channels", "guilds/1"),
  ("PATCH", "/channels/2", "PATCH /channels/{id}", "channels/2"),
  ("PUT", "/channels/2/permissions/3", "PUT /channels/{id}/permissions/{id}", "channels/2"),
  ("PATCH", "/guilds/1/roles/9", "PATCH /guilds/{id}/roles/{id}", "guilds/1"),
  ("GET", "/users/@me/guilds", "GET /users/@me/guilds", ""),
  ("GET", "/invites/abc", "GET /invites/{code}", ""),
])
func routeGeneralisesIDsAndKeepsTheMajorParameter(
  method: String, path: String, template: String, major: String
) {
  let route = Route(method: method, path: path)
  #expect(route.template == template)
  #expect(route.major == major)
}

@Test func channelListsOfAllGuildsShareOneBucket() {
  #expect(
    Route(method: "GET", path: "/guilds/1/channels")
      == Route(method: "GET", path: "/guilds/2/channels"))
}

@Test func webhookTokenIsAMajorParameterButNeverShown() {
  let one = Route(method: "POST", path: "/webhooks/1/secretAAA")
  let two = Route(method: "POST", path: "/webhooks/1/secretBBB")
  #expect(one.major != two.major)
  #expect(one.template == "POST /webhooks/{id}/{token}")
  #expect(!one.major.contains("secret"))
}

@Test func snowflakesAreOneToTwentyDigitsThatFit() {
  #expect(Snowflake("1")?.value == 1)
  #expect(Snowflake("18446744073709551615")?.value == .max)
  #expect(Snowflake("18446744073709551616") == nil)
  #expect(Snowflake("12a") == nil)
  #expect(Snowflake("") == nil)
}
