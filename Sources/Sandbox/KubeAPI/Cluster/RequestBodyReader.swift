import JSONValue

/// Reads request bodies: JSON, or YAML where Kubernetes takes it.
enum RequestBodyReader {
  static func mediaType(_ request: KubeRequest) -> String {
    let type = request.contentType.prefix { $0 != ";" }.filter { $0 != " " }
    return type.isEmpty ? "application/json" : String(type)
  }

  static func value(
    _ request: KubeRequest, accepting extra: [String] = []
  ) throws(APIStatusError) -> JSONValue {
    let accepted = ["application/json", "application/yaml"] + extra
    let type = mediaType(request)
    if type == KubernetesProtobuf.mediaType,
      let object = KubernetesProtobuf.object(request.body)
    {
      return object
    }
    guard accepted.contains(type) else { throw .unsupportedMediaType(accepted: accepted) }
    if type.hasSuffix("yaml") {
      do {
        // kubectl sends JSON under the name of YAML, which is valid YAML but faster as JSON.
        if let value = try? JSONValue(parsing: request.body) { return value }
        let documents = try YAMLDocuments.parse(String(decoding: request.body, as: UTF8.self))
        return documents.first ?? .null
      } catch {
        throw .badRequest("error decoding YAML: \(error.message)")
      }
    }
    do {
      return try JSONValue(parsing: request.body)
    } catch {
      throw .badRequest("invalid character in request body: \(error.message)")
    }
  }
}
