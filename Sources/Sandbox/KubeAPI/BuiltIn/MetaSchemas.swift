import JSONValue

/// The schemas of `meta/v1` that every object shares, for OpenAPI and for server-side apply.
enum MetaSchemas {
  static let prefix = "io.k8s.apimachinery.pkg.apis.meta.v1."

  private static let time: JSONValue = ["type": "string", "format": "date-time"]
  private static let strings: JSONValue = [
    "type": "object", "additionalProperties": ["type": "string"],
  ]

  private static func text(_ description: String) -> JSONValue {
    ["type": "string", "description": .string(description)]
  }

  private static func described(_ schema: JSONValue, _ description: String) -> JSONValue {
    var schema = schema
    schema["description"] = .string(description)
    return schema
  }

  static let ownerReference: JSONValue = [
    "type": "object", "description": "A reference to an object that owns this one.",
    "required": ["apiVersion", "kind", "name", "uid"], "x-kubernetes-map-type": "atomic",
    "properties": [
      "apiVersion": text("API version of the owner."), "kind": text("Kind of the owner."),
      "name": text("Name of the owner."), "uid": text("UID of the owner."),
      "controller": ["type": "boolean", "description": "Whether the owner is the controller."],
      "blockOwnerDeletion": [
        "type": "boolean",
        "description": "Whether a foreground deletion of the owner waits for this object.",
      ],
    ],
  ]

  static let managedFieldsEntry: JSONValue = [
    "type": "object", "description": "The fields that one manager owns.",
    "properties": [
      "manager": text("Name of the manager."), "operation": text("Apply or Update."),
      "apiVersion": text("Version in which the fields are written."), "time": time,
      "fieldsType": text("FieldsV1."), "fieldsV1": ["type": "object"],
      "subresource": text("Subresource through which the manager writes."),
    ],
  ]

  static let objectMeta: JSONValue = [
    "type": "object", "description": "Metadata that every object has.",
    "properties": [
      "name": text("Unique within a namespace. Cannot be changed."),
      "generateName": text("Prefix of a name that the server completes."),
      "namespace": text("The space within which the name is unique. Cannot be changed."),
      "selfLink": text("No longer set by the server."),
      "uid": text("Unique in time and space. Set by the server."),
      "resourceVersion": text("Changes with every write. Opaque to clients."),
      "generation": [
        "type": "integer", "format": "int64",
        "description": "Counts the changes of the desired state. Set by the server.",
      ],
      "creationTimestamp": described(time, "When the object was made. Set by the server."),
      "deletionTimestamp": described(time, "When deletion was asked for. Set by the server."),
      "deletionGracePeriodSeconds": [
        "type": "integer", "format": "int64",
        "description": "Seconds between the request to delete and removal.",
      ],
      "labels": described(strings, "Keys and values by which objects are selected."),
      "annotations": described(strings, "Keys and values that tools keep with the object."),
      "ownerReferences": [
        "type": "array", "description": "Objects that own this one.", "items": ownerReference,
        "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"],
        "x-kubernetes-patch-merge-key": "uid", "x-kubernetes-patch-strategy": "merge",
      ],
      "finalizers": [
        "type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set",
        "x-kubernetes-patch-strategy": "merge",
        "description": "What has to be done before the object is removed.",
      ],
      "managedFields": [
        "type": "array", "items": managedFieldsEntry, "x-kubernetes-list-type": "atomic",
        "description": "Which manager owns which fields.",
      ],
    ],
  ]

  static let listMeta: JSONValue = [
    "type": "object", "description": "Metadata of a list.",
    "properties": [
      "continue": text("Where the next page starts; empty on the last page."),
      "remainingItemCount": ["type": "integer", "format": "int64"],
      "resourceVersion": text("The version of the list."),
      "selfLink": text("No longer set by the server."),
    ],
  ]

  static let deleteOptions: JSONValue = [
    "type": "object", "description": "How an object is to be deleted.",
    "properties": [
      "apiVersion": text(""), "kind": text(""),
      "dryRun": ["type": "array", "items": ["type": "string"]],
      "gracePeriodSeconds": ["type": "integer", "format": "int64"],
      "orphanDependents": ["type": "boolean"], "propagationPolicy": text(""),
      "preconditions": [
        "type": "object", "properties": ["uid": text(""), "resourceVersion": text("")],
      ],
    ],
  ]

  /// All definitions by their names.
  static let all: [String: JSONValue] = [
    prefix + "ObjectMeta": objectMeta, prefix + "ListMeta": listMeta,
    prefix + "DeleteOptions": deleteOptions,
  ]
}
