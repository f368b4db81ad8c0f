import KubeWatch
import Logging

/// Says what became of saved scripts: in the log, in the metrics, and in an Event about each
/// ProviderConfig, which is where the people who run the provider look.
struct DeploymentReport: Sendable {
  let registry: MetricRegistry
  let events: EventRecorder
  let configs: Store
  let logger: Logger

  func ended(_ stage: DeploymentStage, _ result: DeploymentResult) {
    registry.add(ProviderMetrics.ruleDeployments, [stage.rawValue, result.rawValue])
  }

  func live(_ rules: RuleSet, plan: RulePlan, stages: [(DeploymentStage, Duration)]) {
    var metadata: Logger.Metadata = [
      "generation": "\(rules.generation)", "hash": "\(rules.hash)",
      "kinds": "\(rules.all.map(\.type.kind).joined(separator: ","))",
      "objects": "\(plan.entries.count)",
    ]
    for (stage, time) in stages { metadata["\(stage).ms"] = "\(time.inMilliseconds)" }
    for (name, count) in plan.counts where count > 0 { metadata["plan.\(name)"] = "\(count)" }
    logger.info("rules reloaded", metadata: metadata)
    record(
      .normal, "RulesReloaded",
      "The rules \(rules.hash.prefix(12)) are live, generation \(rules.generation): \(plan.summary)"
    )
  }

  func refused(_ problem: String, at stage: DeploymentStage, hash: String?, generation: Int) {
    logger.error(
      "rules not reloaded, the last good generation stays live",
      metadata: [
        "stage": "\(stage.rawValue)", "error": "\(problem)", "hash": "\(hash ?? "-")",
        "generation": "\(generation)",
      ])
    record(
      .warning, "RulesRefused",
      "New rules are not live, generation \(generation) stays; at the stage \(stage.rawValue): "
        + problem)
  }

  func waiting(_ hash: String, reasons: [String], generation: Int) {
    let how = Self.howToApprove(hash)
    logger.warning(
      "rules wait for approval, the last generation stays live",
      metadata: [
        "hash": "\(hash)", "reasons": "\(reasons.joined(separator: "; "))", "approve": "\(how)",
        "generation": "\(generation)",
      ])
    record(
      .warning, "RulesWaitForApproval",
      "The rules \(hash.prefix(12)) are not live: they \(reasons.joined(separator: "; ")). "
        + "provider-discord scripts plan shows it. To approve: \(how)")
  }

  /// The annotation of a ProviderConfig that approves scripts by the beginning of their hash.
  static let approval = "discord.crossplane.io/approve-rules"

  static func howToApprove(_ hash: String) -> String {
    "kubectl annotate --overwrite providerconfigs.discord.crossplane.io default "
      + "\(approval)=\(hash.prefix(12))"
  }

  private func record(_ kind: EventRecorder.Kind, _ reason: String, _ message: String) {
    for config in configs.all() {
      events.record(
        kind, about: ObjectReference(config, type: ProviderConfigs.type), reason: reason,
        message: message)
    }
  }
}
