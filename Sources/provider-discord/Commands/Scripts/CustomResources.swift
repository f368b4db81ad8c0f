import ArgumentParser
import Engine
import Sandbox

/// The CustomResourceDefinitions that tools look at.
enum CustomResources {
  /// The schemas of a folder's definitions, or of those that came with the binary.
  static func schemas(in folder: String?) throws -> ResourceSchemas {
    guard let folder = folder ?? ShippedFiles.customResourceDefinitions() else {
      throw ValidationError(
        "the CustomResourceDefinitions are not beside the binary: give their folder with --crds")
    }
    let documents = try TextFile.names(in: folder).filter { $0.hasSuffix(".yaml") }
      .flatMap { try YAMLDocuments.parse(TextFile.read("\(folder)/\($0)")) }
    return ResourceSchemas(definitions: documents)
  }
}
