import DiscordAPI
import Testing

@Test(arguments: [
  "https://discord.com/api/v10", "http://127.0.0.1:8081/api/v10", "http://127.9.9.9",
  "http://localhost:1", "http://[::1]:8080/api/v10", "HTTPS://proxy.example.com/discord",
])
func httpsAndLoopbackAreAccepted(text: String) throws {
  _ = try DiscordBaseURL(text)
}

@Test(arguments: [
  "http://discord.com/api/v10", "http://127.0.0.1.example.com", "http://127.1", "http://10.0.0.1",
  "http://localhost.example.com", "ftp://localhost", "discord.com/api", "https://",
  "https://user:pass@discord.com", "http://evil.com@127.0.0.1", "https://discord.com/?a=b",
  "https://discord.com:99999", "https://dis cord.com", "http://127.0.0.1\\@evil.com",
  "http://[::2]", "http://[::1",
])
func plainHTTPToOthersAndMalformedURLsAreRefused(text: String) {
  #expect(throws: DiscordConfigurationError.self) { try DiscordBaseURL(text) }
}

@Test func slashAtTheEndIsDropped() throws {
  let url = try DiscordBaseURL("http://127.0.0.1:8081/api/v10/")
  #expect(url.text == "http://127.0.0.1:8081/api/v10")
  #expect(url.isLoopback)
}
