package import DiscordAPI
import JSONValue
package import KubeWatch
package import Logging
import Synchronization

/// From a managed resource's ProviderConfig, through its Secret, to a client for Discord. A rotated
/// token is picked up as soon as the Secret changes.
package final class Connections: Sendable {
  /// What is known of a Secret.
  package enum SecretReading: Sendable, Equatable {
    /// Its values by key.
    case data([String: [UInt8]])
    /// It does not exist.
    case missing
    /// The API server refuses to show it; the text is its reason.
    case refused(String)
  }

  /// Watches one Secret until the task is cancelled.
  package typealias WatchSecret =
    @Sendable (
      ConnectionSettings.SecretReference, @escaping @Sendable (SecretReading) -> Void
    ) -> Task<Void, Never>

  /// Makes a connection for an address and a token. `users` tells the names of the ProviderConfigs
  /// that lead to it; not to be asked before the connection is there.
  package typealias Connect =
    @Sendable (
      _ baseURL: String, _ token: DiscordToken, _ users: @escaping @Sendable () -> [String]
    ) throws -> DiscordConnection

  private struct SecretKey: Hashable {
    let namespace: String
    let name: String
  }

  private struct WatchedSecret {
    var task: Task<Void, Never>
    /// Nil until the API server has answered.
    var reading: SecretReading?

    var data: [String: [UInt8]]? {
      guard case .data(let data)? = reading else { return nil }
      return data
    }
  }

  /// A connection is shared by all that use the same token at the same address: the limits are the
  /// token's.
  private struct Identity: Hashable {
    let baseURL: String
    let token: [UInt8]
  }

  private struct State {
    var isSynced = false
    var settings: [String: Result<ConnectionSettings, ConnectionSettings.Problem>] = [:]
    var secrets: [SecretKey: WatchedSecret] = [:]
    var connections: [Identity: DiscordConnection] = [:]
    /// The last connection of each ProviderConfig, for deletions that outlive its Secret.
    var last: [String: (identity: Identity, connection: DiscordConnection)] = [:]
  }

  private let state = Mutex(State())
  private let watch: WatchSecret
  private let connect: Connect
  private let wake: @Sendable (_ config: String) -> Void
  private let logger: Logger

  /// Makes an empty set of connections.
  ///
  /// - Parameter wake: called when a ProviderConfig or its token changed, so that the resources
  ///   that use it are looked at.
  package init(
    watch: @escaping WatchSecret, connect: @escaping Connect,
    wake: @escaping @Sendable (_ config: String) -> Void, logger: Logger
  ) {
    self.watch = watch
    self.connect = connect
    self.wake = wake
    self.logger = logger
  }

  /// The way to Discord for the resources of a ProviderConfig.
  ///
  /// - Parameter isDeleting: go on with the token last read when the ProviderConfig or its Secret is
  ///   gone, so that what was deleted together with them does not get stuck.
  package func connection(for config: String, isDeleting: Bool) -> ConnectionState {
    state.withLock { state in
      let found = resolve(config, in: &state)
      if case .impossible = found, isDeleting, let last = state.last[config] {
        return .ready(last.connection)
      }
      return found
    }
  }

  /// Where the token of a ProviderConfig is, for messages.
  package func credentials(of config: String) -> String {
    state.withLock { state in
      guard let settings = try? state.settings[config]?.get() else { return "its Secret" }
      let secret = settings.secret
      return "Secret \(secret.namespace)/\(secret.name), key \(secret.key)"
    }
  }

  /// The address of Discord's API that a ProviderConfig names, for messages.
  package func address(of config: String) -> String {
    state.withLock { (try? $0.settings[config]?.get().baseURL) ?? ConnectionSettings.discord }
  }

  /// The addresses of Discord's API that all ProviderConfigs name.
  package func addresses() -> [String] {
    state.withLock { $0.settings.values.compactMap { try? $0.get().baseURL } }
  }

  /// All live connections, for metrics and the debug page.
  package func all() -> [DiscordConnection] {
    state.withLock { Array($0.connections.values) }
  }

  /// The ProviderConfigs have been listed.
  package func synced() {
    state.withLock { $0.isSynced = true }
  }

  /// A ProviderConfig came, changed or went.
  package func configChanged(_ change: StoreChange) {
    let name: String
    switch change {
    case .added(let object), .modified(_, let object):
      name = object.key.name
      let parsed = Result { () throws(ConnectionSettings.Problem) in try ConnectionSettings(object)
      }
      let isNews = state.withLock { state in
        defer { state.settings[name] = parsed }
        return state.settings[name] != parsed
      }
      // Most changes are of the status: who uses it, which is no news to the users.
      guard isNews else { return }
    case .deleted(let object):
      name = object.key.name
      _ = state.withLock { $0.settings.removeValue(forKey: name) }
    }
    updateWatches()
    wake(name)
  }

  /// Ends all watches.
  package func shutDown() {
    let tasks = state.withLock { state in
      let tasks = state.secrets.values.map(\.task)
      state.secrets = [:]
      return tasks
    }
    for task in tasks { task.cancel() }
  }

  private func resolve(_ config: String, in state: inout State) -> ConnectionState {
    let settings: ConnectionSettings
    switch state.settings[config] {
    case .success(let found): settings = found
    case .failure(let problem): return .impossible(problem.message)
    case nil:
      guard state.isSynced else { return .notYet }
      return .impossible(
        "there is no ProviderConfig \(config): make one, or name another in "
          + "spec.providerConfigRef.name")
    }
    let reference = settings.secret
    let key = SecretKey(namespace: reference.namespace, name: reference.name)
    let place = "Secret \(reference.namespace)/\(reference.name)"
    let data: [String: [UInt8]]
    switch state.secrets[key]?.reading {
    case nil: return .notYet
    case .data(let found): data = found
    case .missing:
      return .impossible(
        "\(place), named by ProviderConfig \(config), does not exist: make it with the bot token "
          + "under the key \(reference.key)")
    case .refused(let reason):
      return .impossible(
        "\(place), named by ProviderConfig \(config), may not be read: let the provider's service "
          + "account get, list and watch it (\(reason))")
    }
    guard let token = data[reference.key], !token.isEmpty else {
      return .impossible(
        "\(place), named by ProviderConfig \(config), has no key \(reference.key): put the bot "
          + "token there")
    }
    let identity = Identity(baseURL: settings.baseURL, token: token)
    if let connection = state.connections[identity] {
      state.last[config] = (identity, connection)
      return .ready(connection)
    }
    do {
      let text = String(decoding: token, as: UTF8.self)
      let connection = try connect(settings.baseURL, try DiscordToken(text)) { [weak self] in
        self?.users(of: identity) ?? []
      }
      state.connections[identity] = connection
      state.last[config] = (identity, connection)
      return .ready(connection)
    } catch {
      return .impossible("ProviderConfig \(config), \(place): \(error)")
    }
  }

  /// The ProviderConfigs that lead to a connection, by name.
  private func users(of identity: Identity) -> [String] {
    state.withLock { $0.last.filter { $0.value.identity == identity }.keys.sorted() }
  }

  /// Watches the Secrets that are referred to, and no others.
  private func updateWatches() {
    let cancelled = state.withLock { state -> [Task<Void, Never>] in
      let wanted = Dictionary(
        state.settings.values.compactMap { try? $0.get().secret }.map {
          (SecretKey(namespace: $0.namespace, name: $0.name), $0)
        }, uniquingKeysWith: { first, _ in first })
      for (key, reference) in wanted where state.secrets[key] == nil {
        let task = watch(reference) { [weak self] in self?.secretChanged(key, $0) }
        state.secrets[key] = WatchedSecret(task: task)
      }
      let unwanted = state.secrets.filter { wanted[$0.key] == nil }
      for key in unwanted.keys { state.secrets[key] = nil }
      return unwanted.values.map(\.task)
    }
    for task in cancelled { task.cancel() }
  }

  private func secretChanged(_ key: SecretKey, _ reading: SecretReading) {
    let users = state.withLock { state -> [String] in
      guard var secret = state.secrets[key], secret.reading != reading else { return [] }
      // Who had the token before the right to read it was taken away goes on with it.
      if case .refused = reading, secret.data != nil { return [] }
      secret.reading = reading
      state.secrets[key] = secret
      forgetUnusedConnections(&state)
      return state.settings.compactMap { name, settings in
        guard let reference = try? settings.get().secret else { return nil }
        return reference.namespace == key.namespace && reference.name == key.name ? name : nil
      }
    }
    guard !users.isEmpty else { return }
    report(reading, of: key, to: users)
    for name in users { wake(name) }
  }

  private func report(_ reading: SecretReading, of key: SecretKey, to users: [String]) {
    let message: Logger.Message =
      switch reading {
      case .data: "security: the Secret of a ProviderConfig was read"
      case .missing: "security: the Secret of a ProviderConfig does not exist"
      case .refused: "security: the Secret of a ProviderConfig may not be read"
      }
    logger.info(
      message,
      metadata: [
        "secret": "\(key.namespace)/\(key.name)",
        "providerconfigs": "\(users.sorted().joined(separator: ","))",
      ])
  }

  private func forgetUnusedConnections(_ state: inout State) {
    let used = Set(
      state.settings.values.compactMap { settings -> Identity? in
        guard let settings = try? settings.get(),
          let secret = state.secrets[
            SecretKey(namespace: settings.secret.namespace, name: settings.secret.name)],
          let token = secret.data?[settings.secret.key]
        else { return nil }
        return Identity(baseURL: settings.baseURL, token: token)
      })
    state.connections = state.connections.filter { used.contains($0.key) }
  }
}
