import ArgumentParser
import Glibc
import LuaBridge

/// The scripts that a subcommand works on.
struct ScriptsFolder {
  /// The folder, as the user wrote it.
  let path: String
  /// What came with the binary; what the folder lacks in lib/ is taken from there.
  let shipped: [ScriptSource]

  /// - Parameter argument: DIR on the command line.
  /// - Throws: `ValidationError` when there are no scripts anywhere.
  init(_ argument: String?) throws {
    let shippedFolder = ShippedFiles.scripts()
    let here = unsafe access("scripts/resources", R_OK) == 0 ? "scripts" : nil
    guard let path = argument ?? here ?? shippedFolder else {
      throw ValidationError("there is no folder scripts/ here: give DIR")
    }
    guard unsafe access(path, R_OK) == 0 else {
      throw ValidationError("\(path) can't be read, or is not there")
    }
    self.path = path
    shipped = try ScriptSource.read(directory: shippedFolder ?? path)
  }
}
