/// Whether a managed resource can reach Discord through its ProviderConfig.
package enum ConnectionState: Sendable {
  case ready(DiscordConnection)
  /// The ProviderConfig or its Secret is still being read.
  case notYet
  /// Something is missing or wrong; the text says what to do.
  case impossible(String)
}

/// What a ProviderConfig says.
package struct ConnectionSettings: Sendable, Hashable {
  /// Where the token is.
  package struct SecretReference: Sendable, Hashable {
    package let namespace: String
    package let name: String
    package let key: String
  }

  package let secret: SecretReference
  /// The address of Discord's API.
  package let baseURL: String
}
