import JSONValue

/// Schemas of the built-in kinds that people write by hand, so that `kubectl explain` and
/// validation work on them. Kinds that are only stored have none.
enum BuiltInSchemas {
  /// The schemas by kind.
  static let all: [String: JSONValue] = {
    // The text is part of the program: it parses or no test passes.
    let documents = (try? YAMLDocuments.parse(text)) ?? []
    return documents.first?.objectValue ?? [:]
  }()

  private static let text = """
    Namespace:
      type: object
      description: Namespace provides a scope for names.
      properties:
        spec:
          type: object
          properties:
            finalizers: {type: array, items: {type: string}, x-kubernetes-list-type: atomic}
        status:
          type: object
          properties:
            phase: {type: string, description: Active or Terminating.}
            conditions: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    Secret:
      type: object
      description: Secret holds secret data of a certain type. The total bytes of the values must be less than 1 MiB.
      properties:
        data:
          type: object
          description: The secret data, each value in base64.
          additionalProperties: {type: string, format: byte}
        stringData:
          type: object
          description: Secret data as plain text, for writing only. It is merged into data.
          additionalProperties: {type: string}
        immutable: {type: boolean, description: Whether the data may no longer be changed.}
        type: {type: string, description: Used to facilitate programmatic handling of secret data.}
    ConfigMap:
      type: object
      description: ConfigMap holds configuration data for pods to consume.
      properties:
        data:
          type: object
          description: The configuration data, as text.
          additionalProperties: {type: string}
        binaryData:
          type: object
          description: Binary data, each value in base64.
          additionalProperties: {type: string, format: byte}
        immutable: {type: boolean, description: Whether the data may no longer be changed.}
    ServiceAccount:
      type: object
      description: ServiceAccount is an identity for processes.
      properties:
        automountServiceAccountToken: {type: boolean}
        imagePullSecrets: {type: array, items: {type: object, properties: {name: {type: string}}}}
        secrets: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    Event:
      type: object
      description: Event is a report of something that happened in the cluster.
      required: [metadata, involvedObject]
      properties:
        action: {type: string}
        count: {type: integer, format: int32, description: How often this event occurred.}
        eventTime: {type: string, format: date-time, nullable: true}
        firstTimestamp: {type: string, format: date-time, nullable: true}
        lastTimestamp: {type: string, format: date-time, nullable: true}
        involvedObject:
          type: object
          description: The object that this event is about.
          properties:
            apiVersion: {type: string}
            fieldPath: {type: string}
            kind: {type: string}
            name: {type: string}
            namespace: {type: string}
            resourceVersion: {type: string}
            uid: {type: string}
        message: {type: string, description: What happened, for people.}
        reason: {type: string, description: What happened, for programs.}
        related: {type: object, x-kubernetes-preserve-unknown-fields: true}
        reportingComponent: {type: string}
        reportingInstance: {type: string}
        series:
          type: object
          properties:
            count: {type: integer}
            lastObservedTime: {type: string, format: date-time}
        source:
          type: object
          description: The component that reports this event.
          properties:
            component: {type: string}
            host: {type: string}
        type: {type: string, description: Normal or Warning.}
    Lease:
      type: object
      description: Lease defines a lease concept.
      properties:
        spec:
          type: object
          properties:
            acquireTime: {type: string, format: date-time, description: When the lease was acquired.}
            holderIdentity: {type: string, description: Who holds the lease.}
            leaseDurationSeconds: {type: integer, format: int32, description: How long a holder may be silent.}
            leaseTransitions: {type: integer, format: int32, description: How often the holder changed.}
            renewTime: {type: string, format: date-time, description: When the holder last renewed the lease.}
            preferredHolder: {type: string}
            strategy: {type: string}
    """
}
