package import DiscordAPI
package import KubeWatch
package import LuaBridge

/// What a provider is started with.
package struct ProviderConfiguration: Sendable {
  /// The cluster.
  package var access: ClusterAccess
  /// The namespaces to watch; empty for all.
  package var namespaces: [String] = []
  /// Time between two looks at an object that nothing happened to.
  package var poll: Duration = .seconds(60)
  /// Where the admin server listens; nil for none.
  package var listen: ListenAddress?
  /// Whether the admin server shows the status page.
  package var servesStatusPage = false
  /// The namespace in which `runbook serve` keeps the reports that the status page shows; nil for none.
  package var runbookReports: String?
  /// How many objects are worked on at once.
  package var maximumConcurrent = 16
  /// Reads the scripts anew, knowing those that are live: what is the same need not be compiled again.
  package var loadScripts: @Sendable (_ live: ScriptBundle?) throws -> ScriptCandidate
  /// The folder whose changes cause a reload; nil when scripts can't change.
  package var watchedScripts: String?
  /// What new scripts may change before somebody has to approve them.
  package var deployment = DeploymentPolicy()
  /// Reads the schemas of the custom resources, against which new scripts are checked.
  package var schemas: @Sendable () throws -> ResourceSchemas = {
    ResourceSchemas(definitions: [])
  }
  /// The budgets of every run of a script.
  package var limits = ScriptLimits()
  /// Keeps a recording of each reconcile's scripts; nil when there shall be none.
  package var record: RunRecorder.Store?
  /// How Discord is spoken to.
  package var discord = DiscordClientConfiguration()
  /// How long work that has begun may go on after the order to stop.
  package var grace: Duration = .seconds(3)
  /// Which of several providers works; nil for a provider that is alone.
  package var leaderElection: LeaderElectionSettings?
  /// The release, for User-Agent and logs.
  package var version: String

  /// Makes a configuration of what has no default.
  package init(
    access: ClusterAccess, listen: ListenAddress?, version: String,
    loadScripts: @escaping @Sendable (_ live: ScriptBundle?) throws -> ScriptCandidate
  ) {
    self.access = access
    self.listen = listen
    self.version = version
    self.loadScripts = loadScripts
  }
}
