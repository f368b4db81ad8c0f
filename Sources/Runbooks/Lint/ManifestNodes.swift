import Yams

/// The documents of a YAML file as nodes, which know their lines.
enum ManifestNodes {
  /// - Throws: `RemediationError` naming the file when it is no YAML.
  static func read(_ text: String, file: String) throws(RemediationError) -> [Node] {
    do {
      var documents = try Yams.compose_all(yaml: text)
      var nodes: [Node] = []
      while let node = documents.next() { nodes.append(node) }
      // The parser keeps the error of a later document to itself.
      if let error = documents.error { throw error }
      return nodes
    } catch {
      throw RemediationError("\(file) is no YAML: \(error)")
    }
  }

  /// The elements of a list; none when it is missing, or no list.
  static func elements(_ node: Node?) -> [Node] {
    guard let sequence = node?.sequence else { return [] }
    return Array(sequence)
  }
}
