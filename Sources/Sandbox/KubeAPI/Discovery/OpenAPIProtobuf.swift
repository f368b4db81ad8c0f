import JSONValue

/// The OpenAPI v2 document as `com.github.proto-openapi.spec.v2`, which kubectl before 1.27 (and
/// client-side validation) reads. The field numbers are those of gnostic's `OpenAPIv2.proto`.
enum OpenAPIProtobuf {
  static func encode(_ document: JSONValue) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.write(1, document["swagger"]?.stringValue ?? "2.0")
    var information = ProtobufWriter()
    information.write(1, document.value(at: "info", "title")?.stringValue ?? "")
    information.write(2, document.value(at: "info", "version")?.stringValue ?? "")
    writer.write(2, information)
    var paths = ProtobufWriter()
    for (path, item) in sorted(document["paths"]) { paths.write(2, named(path, pathItem(item))) }
    writer.write(8, paths)
    var definitions = ProtobufWriter()
    for (name, value) in sorted(document["definitions"]) {
      definitions.write(1, named(name, schema(value)))
    }
    writer.write(9, definitions)
    return writer.bytes
  }

  private static func sorted(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
    (value?.objectValue ?? [:]).sorted { $0.key < $1.key }
  }

  private static func named(_ name: String, _ value: ProtobufWriter) -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.write(1, name)
    writer.write(2, value)
    return writer
  }

  /// `Any`: the value as YAML, of which JSON is a part.
  private static func any(_ value: JSONValue) -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.write(2, value.serializedText() + "\n")
    return writer
  }

  private static func extensions(
    of value: JSONValue, field: UInt64, into writer: inout ProtobufWriter
  ) {
    for (name, value) in sorted(value) where name.hasPrefix("x-") {
      writer.write(field, named(name, any(value)))
    }
  }

  private static func pathItem(_ item: JSONValue) -> ProtobufWriter {
    var writer = ProtobufWriter()
    let fields: [(String, UInt64)] = [
      ("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8),
    ]
    for (name, field) in fields {
      if let value = item[name] { writer.write(field, operation(value)) }
    }
    return writer
  }

  private static func operation(_ operation: JSONValue) -> ProtobufWriter {
    var writer = ProtobufWriter()
    for type in operation["produces"]?.arrayValue ?? [] { writer.write(6, type.stringValue ?? "") }
    for type in operation["consumes"]?.arrayValue ?? [] { writer.write(7, type.stringValue ?? "") }
    for value in operation["parameters"]?.arrayValue ?? [] { writer.write(8, parameter(value)) }
    writer.write(9, responses(operation["responses"]))
    extensions(of: operation, field: 13, into: &writer)
    return writer
  }

  private static func parameter(_ value: JSONValue) -> ProtobufWriter {
    var parameter = ProtobufWriter()
    if value["in"] == "body" {
      var body = ProtobufWriter()
      body.write(2, value["name"]?.stringValue ?? "")
      body.write(3, "body")
      body.write(4, true)
      body.write(5, schemaItem(value["schema"]))
      parameter.write(1, body)
    } else {
      var query = ProtobufWriter()
      query.write(2, "query")
      query.write(4, value["name"]?.stringValue ?? "")
      query.write(6, value["type"]?.stringValue ?? "string")
      var nonBody = ProtobufWriter()
      nonBody.write(3, query)
      parameter.write(2, nonBody)
    }
    var item = ProtobufWriter()
    item.write(1, parameter)
    return item
  }

  private static func schemaItem(_ value: JSONValue?) -> ProtobufWriter {
    schema(value ?? [:])
  }

  private static func responses(_ value: JSONValue?) -> ProtobufWriter {
    var writer = ProtobufWriter()
    for (code, response) in sorted(value) {
      var message = ProtobufWriter()
      message.write(1, response["description"]?.stringValue ?? "")
      if let schema = response["schema"] {
        var item = ProtobufWriter()
        item.write(1, self.schema(schema))
        message.write(2, item)
      }
      var choice = ProtobufWriter()
      choice.write(1, message)
      writer.write(1, named(code, choice))
    }
    return writer
  }

  private static func schema(_ value: JSONValue) -> ProtobufWriter {
    var writer = ProtobufWriter()
    let texts: [(String, UInt64)] = [
      ("$ref", 1), ("format", 2), ("title", 3), ("description", 4), ("pattern", 13),
    ]
    for (name, field) in texts {
      if let text = value[name]?.stringValue { writer.write(field, text) }
    }
    let doubles: [(String, UInt64)] = [("multipleOf", 6), ("maximum", 7), ("minimum", 9)]
    for (name, field) in doubles {
      if let number = value[name]?.doubleValue { writer.write(field, number) }
    }
    let truths: [(String, UInt64)] = [
      ("exclusiveMaximum", 8), ("exclusiveMinimum", 10), ("uniqueItems", 16),
    ]
    for (name, field) in truths {
      if let truth = value[name]?.boolValue { writer.write(field, truth) }
    }
    let integers: [(String, UInt64)] = [
      ("maxLength", 11), ("minLength", 12), ("maxItems", 14), ("minItems", 15),
      ("maxProperties", 17), ("minProperties", 18),
    ]
    for (name, field) in integers {
      if let number = value[name]?.integerValue { writer.write(field, number) }
    }
    for name in value["required"]?.arrayValue ?? [] { writer.write(19, name.stringValue ?? "") }
    for choice in value["enum"]?.arrayValue ?? [] { writer.write(20, any(choice)) }
    writeChildren(of: value, into: &writer)
    extensions(of: value, field: 31, into: &writer)
    return writer
  }

  private static func writeChildren(of value: JSONValue, into writer: inout ProtobufWriter) {
    if let values = value["additionalProperties"] {
      var item = ProtobufWriter()
      if let truth = values.boolValue {
        item.write(2, truth)
      } else {
        item.write(1, schema(values))
      }
      writer.write(21, item)
    }
    if let type = value["type"]?.stringValue {
      var item = ProtobufWriter()
      item.write(1, type)
      writer.write(22, item)
    }
    if let items = value["items"] {
      var item = ProtobufWriter()
      item.write(1, schema(items))
      writer.write(23, item)
    }
    if value["properties"] != nil {
      var properties = ProtobufWriter()
      for (name, property) in sorted(value["properties"]) {
        properties.write(1, named(name, schema(property)))
      }
      writer.write(25, properties)
    }
  }
}
