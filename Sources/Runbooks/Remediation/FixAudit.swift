import Engine
import JSONValue
import KubeWatch

/// Says on the object who changed it, by which plan: an Event.
struct FixAudit: Sendable {
  let client: KubeClient
  let actor: String
  let time: TimeSource

  /// - Returns: why the Event could not be written; nil when it was.
  func write(
    _ done: PreparedOperation, after: LiveObject?, plan: RemediationPlan
  ) async -> String? {
    guard let about = after ?? done.before else { return nil }
    let event = body(done, about, plan)
    let namespace = done.operation.key.namespace
    do throws(KubeError) {
      _ = try await client.create(
        .events, namespace: namespace.isEmpty ? "default" : namespace, body: event.serialized())
      return nil
    } catch {
      return "the Event about \(done.operation.target) can't be written: \(error)"
    }
  }

  private func body(
    _ done: PreparedOperation, _ about: LiveObject, _ plan: RemediationPlan
  ) -> JSONValue {
    let key = done.operation.key
    let now = JSONValue.string(time.timestamp().seconds)
    let message =
      "\(actor) carried out \(plan.runbook)/\(plan.id) (\(plan.title)): \(done.request.method) "
      + done.request.path
    var involved: JSONValue = [
      "apiVersion": .string(about.apiVersion), "kind": .string(about.kind),
      "name": .string(key.name), "uid": .string(about.uid),
    ]
    if !key.namespace.isEmpty { involved["namespace"] = .string(key.namespace) }
    // As client-go names Events: the object's name and a number that does not come twice.
    let serial = String(
      UInt64(bitPattern: time.wallMilliseconds()) &* 1_000_000
        &+ UInt64.random(in: 0..<1_000_000), radix: 16)
    return [
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "name": .string("\(key.name.prefix(200)).\(serial)"),
        "namespace": .string(key.namespace.isEmpty ? "default" : key.namespace),
      ],
      "involvedObject": involved, "type": "Normal", "reason": "RunbookFix",
      "message": .string(String(message.prefix(1_000))), "count": 1, "firstTimestamp": now,
      "lastTimestamp": now, "source": ["component": .string(RemediationRequest.fieldManager)],
      "reportingComponent": .string(RemediationRequest.fieldManager),
      "reportingInstance": .string(String(actor.prefix(120))),
    ]
  }
}
