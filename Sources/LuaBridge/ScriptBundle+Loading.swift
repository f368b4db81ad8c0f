package import JSONValue

extension ScriptBundle {
  /// The scripts that come with the binary, each also under its `shipped.` name.
  package static func shipped(_ sources: [ScriptSource]) throws(ScriptBundleError) -> ScriptBundle {
    try ScriptBundle(sources: sources + sources.map(\.asShipped))
  }

  /// The scripts of a directory laid out as `scripts/`. Library modules that it lacks are the
  /// shipped ones; rules and runbooks are only its own. Each shipped module is also there under its
  /// `shipped.` name, to be extended. `cases` are added as they are.
  package static func load(
    directory: String, shipped: [ScriptSource], cases: [ScriptSource] = []
  ) throws(ScriptBundleError) -> ScriptBundle {
    try assemble(own: read(directory: directory), shipped: shipped, cases: cases)
  }

  /// The scripts of a directory laid out as `scripts/`, of which at least one is a rule or a runbook.
  package static func read(directory: String) throws(ScriptBundleError) -> [ScriptSource] {
    guard ScriptFiles.isFolder(directory) else {
      let problem = ScriptProblem(path: directory, line: nil, message: "there is no such folder")
      throw ScriptBundleError(problems: [problem])
    }
    let own = try ScriptSource.read(directory: directory)
    guard own.contains(where: { !$0.isLibrary }) else {
      let message = "neither resources/ nor runbooks/ has a script"
      let problem = ScriptProblem(path: directory, line: nil, message: message)
      throw ScriptBundleError(problems: [problem])
    }
    return own
  }

  /// A bundle of scripts that have been read, completed by what came with the binary.
  ///
  /// - Parameter others: bundles whose modules need not be compiled again.
  package static func assemble(
    own: [ScriptSource], shipped: [ScriptSource], cases: [ScriptSource] = [],
    reusing others: [ScriptBundle] = []
  ) throws(ScriptBundleError) -> ScriptBundle {
    let texts = Dictionary(own.map { ($0.module, $0.text) }) { first, _ in first }
    let libraries = shipped.filter { $0.isLibrary && texts[$0.module] == nil }
    let bases = shipped.map { source -> ScriptSource in
      var base = source.asShipped
      // A copy of the shipped folder is the rule: its texts need no second place in memory.
      if let text = texts[source.module], text == base.text { base.text = text }
      return base
    }
    return try ScriptBundle(sources: own + libraries + bases + cases, reusing: others)
  }

  /// The table that a module returns, as JSON: its data, and the names of its functions, sorted,
  /// under "functions". Functions deeper inside are null. Loading must perform no effect.
  package func describe(
    _ module: String, limits: ScriptLimits = ScriptLimits(instructions: 1_000_000)
  ) throws(ScriptError) -> JSONValue {
    var run = ScriptRun(bundle: self, module: module, describing: (), limits: limits)
    while true {
      switch run.resume() {
      case .sliceEnded: continue
      case .effect:
        throw run.error(.load, "module '\(module)' performs an effect while it is loaded")
      case .failed(let error): throw error
      case .finished(let bytes):
        guard let parts = try? JSONValue(parsing: bytes).arrayValue, parts.count == 2 else {
          throw run.error(.result, "module '\(module)' cannot be described")
        }
        var description = parts[0]
        if description.objectValue == nil { description = [:] }
        description["functions"] = parts[1]
        return description
      }
    }
  }
}
