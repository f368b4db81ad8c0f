import JSONValue
import KubeWatch

extension ConnectionSettings {
  /// Discord's own address, for what shows it.
  package static var discordAddress: String { discord }

  /// Discord's own address.
  static let discord = "https://discord.com/api/v10"

  /// A ProviderConfig that can't be used, with what to change.
  struct Problem: Error, Hashable {
    let message: String
  }

  /// Reads a ProviderConfig.
  init(_ object: StoredObject) throws(Problem) {
    let name = object.key.name
    guard let root = try? JSONDocument(parsing: object.bytes).root else {
      throw Problem(message: "ProviderConfig \(name) can't be read")
    }
    let credentials = root.at("spec", "credentials")
    let source = credentials?["source"]?.string ?? "Secret"
    guard source == "Secret" else {
      throw Problem(
        message: "ProviderConfig \(name): spec.credentials.source \(source) is not supported: use "
          + "Secret")
    }
    guard let reference = credentials?["secretRef"],
      let secretName = reference["name"]?.string,
      let secretNamespace = reference["namespace"]?.string
    else {
      throw Problem(
        message: "ProviderConfig \(name): spec.credentials.secretRef needs namespace, name and key")
    }
    secret = SecretReference(
      namespace: secretNamespace, name: secretName, key: reference["key"]?.string ?? "token")
    let written = root.at("spec", "baseURL")?.string ?? ""
    baseURL = written.isEmpty ? Self.discord : written
  }
}
