import JSONValue
import KubeWatch
import Runbooks

/// Plans that several tests carry out.
enum Plans {
  static func plan(
    _ operations: [RemediationOperation], verify: [String] = [], inputs: [String] = []
  ) -> RemediationPlan {
    RemediationPlan(
      runbook: "provider-down", id: "the-plan", title: "the plan", why: "a test",
      operations: operations, verify: verify, inputs: inputs)
  }

  static func memory(_ amount: String) -> RemediationOperation {
    RemediationOperation(
      .patch, Cluster.deployments, Cluster.key, patchType: .strategic,
      body: [
        "spec": [
          "template": [
            "spec": [
              "containers": [
                ["name": "provider", "resources": ["limits": ["memory": .string(amount)]]]
              ]
            ]
          ]
        ]
      ])
  }

  static let restart = RemediationOperation(.restart, Cluster.deployments, Cluster.key)

  static let token = RemediationOperation(
    .patch, .secrets, Cluster.credentials,
    body: ["stringData": ["token": SecretPlaceholder.value("token")]])

  static func undo(server: String = "https://cluster") -> UndoRecord {
    UndoRecord(
      runbook: "provider-down", plan: "the-plan", at: "2026-01-01T00:00:00Z", server: server)
  }
}
