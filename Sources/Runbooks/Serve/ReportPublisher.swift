package import Engine
package import HTTPTransport
import JSONValue
package import KubeWatch
package import Logging

/// Writes a report where people find it: a ConfigMap, an Event, a message in Discord. What fails is
/// counted and logged; it stops nothing else.
package struct ReportPublisher: Sendable {
  /// Where reports go.
  package struct Places: Sendable {
    /// The namespace of the ConfigMaps.
    package var reports: String
    /// The Discord webhook, read anew for each message; nil for none.
    package var discord: (@Sendable () throws -> WebhookAddress)?

    /// Puts places together.
    package init(
      reports: String, discord: (@Sendable () throws -> WebhookAddress)? = nil
    ) {
      self.reports = reports
      self.discord = discord
    }
  }

  static let fieldManager = "provider-discord-runbooks"
  private static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments")

  private let client: KubeClient
  private let events: EventRecorder
  private let transport: any Transport
  private let time: TimeSource
  private let places: Places
  private let metrics: RunbookMetrics
  private let logger: Logger

  /// - Parameter transport: the way to Discord.
  package init(
    client: KubeClient, events: EventRecorder, transport: any Transport, time: TimeSource,
    places: Places, metrics: RunbookMetrics, logger: Logger
  ) {
    self.client = client
    self.events = events
    self.transport = transport
    self.time = time
    self.places = places
    self.metrics = metrics
    self.logger = logger
  }

  /// Passes a report on.
  package func publish(_ report: ReportSummary, for job: RunbookJob) async {
    let kept = await keep(report, job)
    await note(report, job, kept)
    await send(report, job)
  }

  private func keep(_ report: ReportSummary, _ job: RunbookJob) async -> JSONValue? {
    let key = ObjectKey(namespace: places.reports, name: ReportConfigMap.name(report.runbook))
    do throws(KubeError) {
      var history: String?
      do throws(KubeError) {
        history = try await client.getValue(.configMaps, key).value(at: "data", "history")?
          .stringValue
      } catch {
        guard error.isNotFound else { throw error }
      }
      let body = ReportConfigMap.body(
        report, trigger: job.trigger, namespace: places.reports, history: history)
      let answer = try await client.patch(
        .configMaps, key, kind: .apply(fieldManager: Self.fieldManager, force: true),
        body: body.serialized())
      metrics.published(to: "configmap", succeeded: true)
      return try? JSONValue(parsing: answer)
    } catch {
      metrics.published(to: "configmap", succeeded: false)
      logger.warning(
        "cannot write the report's ConfigMap",
        metadata: ["k8s.key": "\(key)", "error": "\(error)"])
      return nil
    }
  }

  private func note(_ report: ReportSummary, _ job: RunbookJob, _ configMap: JSONValue?) async {
    // Without the Deployment it is about the ConfigMap.
    let deployment = await self.deployment(of: report)
    let about: ObjectReference
    if let deployment {
      about = deployment
    } else if let uid = configMap?.value(at: "metadata", "uid")?.stringValue {
      about = ObjectReference(
        type: .configMaps,
        key: ObjectKey(namespace: places.reports, name: ReportConfigMap.name(report.runbook)),
        uid: uid)
    } else {
      metrics.published(to: "event", succeeded: false)
      return
    }
    let cause = report.rootCause.map { ": \($0)" } ?? ""
    let reason = "Runbook" + report.verdict.prefix(1).uppercased() + report.verdict.dropFirst()
    // Normal also for a bad report: the runbooks count warnings about the provider, and would count
    // their own.
    events.record(
      .normal, about: about, reason: reason,
      message: SecretScanner.redacted(
        "runbook \(report.runbook) (\(job.trigger.rawValue)): \(report.verdict)\(cause); report in "
          + "ConfigMap \(places.reports)/\(ReportConfigMap.name(report.runbook))"))
    metrics.published(to: "event", succeeded: true)
  }

  private func deployment(of report: ReportSummary) async -> ObjectReference? {
    guard let key = report.deployment,
      let object = try? await client.getValue(Self.deployments, key),
      let uid = object.value(at: "metadata", "uid")?.stringValue
    else { return nil }
    return ObjectReference(type: Self.deployments, key: key, uid: uid)
  }

  private func send(_ report: ReportSummary, _ job: RunbookJob) async {
    guard let discord = places.discord else { return }
    // A schedule that finds nothing is no news.
    if job.trigger == .schedule, report.verdict == "pass" { return }
    let place =
      "kubectl -n \(places.reports) get configmap \(ReportConfigMap.name(report.runbook)) -o yaml"
    do {
      let address = try discord()
      let body = DiscordMessage.body(report, job: job, place: place)
      try await deliver(body, to: address)
      metrics.published(to: "discord", succeeded: true)
    } catch {
      metrics.published(to: "discord", succeeded: false)
      logger.warning("cannot send the report to Discord", metadata: ["error": "\(error)"])
    }
  }

  private func deliver(_ body: JSONValue, to address: WebhookAddress) async throws {
    var delivery = WebhookDelivery()
    while true {
      switch delivery.handle(await attempt(body, address)) {
      case .delivered: return
      case .tryAgain(let pause): try await time.sleep(pause)
      case .giveUp(let reason): throw RemediationError(reason)
      }
    }
  }

  private func attempt(_ body: JSONValue, _ address: WebhookAddress) async -> WebhookDelivery.Result
  {
    let request = HTTPRequest(
      method: "POST", url: address.url,
      headers: ["Content-Type": "application/json", "User-Agent": "provider-discord"],
      body: body.serialized(), timeout: .seconds(15))
    do throws(TransportError) {
      let response = try await transport.send(request)
      let inBody = (try? JSONValue(parsing: response.body))?["retry_after"]?.doubleValue
      let inHeader = response.headers["Retry-After"].flatMap { Double($0) }
      return .answered(status: response.status, retryAfter: inBody ?? inHeader)
    } catch {
      // Its text could name the URL.
      return .noAnswer("no answer (\(error.kind.rawValue))")
    }
  }
}
