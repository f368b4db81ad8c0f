package import LuaBridge

/// Scripts that were read and compile, and could become the live ones.
package struct ScriptCandidate: Sendable {
  /// What production would run.
  package let bundle: ScriptBundle
  /// The scripts of the folder, without the modules that came with the binary.
  package let own: [ScriptSource]
  /// The files of cases beside them.
  package let cases: [ScriptSource]
  /// What came with the binary.
  package let shipped: [ScriptSource]

  /// Identifies the scripts' text; cases have no part in it.
  package var hash: String { bundle.hash }

  /// A bundle of which nothing more is known: there is nothing to check and there are no cases.
  package init(_ bundle: ScriptBundle) {
    self.bundle = bundle
    own = []
    cases = []
    shipped = []
  }

  /// Reads a folder.
  ///
  /// - Parameters:
  ///   - shipped: the scripts that came with the binary, for what the folder lacks.
  ///   - live: whose modules need not be compiled again.
  /// - Throws: what can't be read or does not compile, with file and line.
  package init(
    directory: String, shipped: [ScriptSource], live: ScriptBundle? = nil
  ) throws(ScriptBundleError) {
    own = try ScriptBundle.read(directory: directory)
    bundle = try ScriptBundle.assemble(
      own: own, shipped: shipped, reusing: live.map { [$0] } ?? [])
    cases = try ScriptSource.readCases(directory: directory)
    self.shipped = shipped
  }

  /// Compiles scripts that have been read.
  init(
    own: [ScriptSource], cases: [ScriptSource], shipped: [ScriptSource]
  ) throws(ScriptBundleError) {
    bundle = try ScriptBundle.assemble(own: own, shipped: shipped)
    self.own = own
    self.cases = cases
    self.shipped = shipped
  }
}
