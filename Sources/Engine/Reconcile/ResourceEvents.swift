package import KubeWatch

/// Kubernetes Events about managed resources.
package struct ResourceEvents: Sendable {
  private let recorder: EventRecorder

  /// Records through the shared recorder.
  package init(recorder: EventRecorder) {
    self.recorder = recorder
  }

  /// Something was done.
  func normal(
    _ resource: ManagedResource, _ type: ResourceType, _ reason: String, _ message: String
  ) {
    record(.normal, resource, type, reason, message)
  }

  /// Something went wrong.
  func warning(
    _ resource: ManagedResource, _ type: ResourceType, _ reason: String, _ message: String
  ) {
    record(.warning, resource, type, reason, message)
  }

  private func record(
    _ kind: EventRecorder.Kind, _ resource: ManagedResource, _ type: ResourceType,
    _ reason: String, _ message: String
  ) {
    recorder.record(
      kind, about: ObjectReference(resource.object, type: type), reason: reason, message: message)
  }
}
