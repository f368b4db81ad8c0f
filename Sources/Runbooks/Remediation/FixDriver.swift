package import Engine
import HTTPTransport
package import JSONValue
package import KubeWatch

/// Performs what `Fix` decides.
package struct FixDriver: Sendable {
  /// What differs between a terminal, a test and an undo.
  package struct Seams: Sendable {
    /// Builds the plan from live facts.
    package var build: @Sendable () async throws -> RemediationPlan
    /// Asks the provider for a probe.
    package var probe: @Sendable (JSONValue) async throws -> Void
    /// Runs the named checks anew.
    package var check: @Sendable ([String]) async throws -> [Fix.Check]
    /// Shows the plan and asks.
    package var ask: @Sendable (Fix) async -> Bool
    /// One line of what happens, for the person who waits.
    package var progress: @Sendable (String) -> Void
    /// Keeps the undo record; called before and after each change.
    package var record: @Sendable (UndoRecord) throws -> Void

    /// Puts seams together.
    package init(
      build: @escaping @Sendable () async throws -> RemediationPlan,
      probe: @escaping @Sendable (JSONValue) async throws -> Void,
      check: @escaping @Sendable ([String]) async throws -> [Fix.Check],
      ask: @escaping @Sendable (Fix) async -> Bool,
      progress: @escaping @Sendable (String) -> Void,
      record: @escaping @Sendable (UndoRecord) throws -> Void
    ) {
      self.build = build
      self.probe = probe
      self.check = check
      self.ask = ask
      self.progress = progress
      self.record = record
    }
  }

  private let client: KubeClient
  private let secrets: [String: SecretInput]
  private let time: TimeSource
  private let actor: String
  private let seams: Seams

  /// - Parameters:
  ///   - secrets: the values of the plan's inputs.
  ///   - actor: who acts, for the Event on the object.
  package init(
    client: KubeClient, secrets: [String: SecretInput], time: TimeSource, actor: String,
    seams: Seams
  ) {
    self.client = client
    self.secrets = secrets
    self.time = time
    self.actor = actor
    self.seams = seams
  }

  /// Carries a fix out.
  ///
  /// - Returns: the fix in its last state, and how it ended.
  package func run(_ fix: Fix) async -> (Fix, FixOutcome) {
    var fix = fix
    var action = fix.begin()
    while true {
      if case .finish(let outcome) = action { return (fix, outcome) }
      let event = await perform(action, fix)
      action = fix.handle(event, now: time.uptime())
      if case .performed(let after) = event {
        await finished(fix, after)
      }
    }
  }

  private func perform(_ action: Fix.Action, _ fix: Fix) async -> Fix.Event {
    do {
      switch action {
      case .plan: return .planned(try await seams.build())
      case .inspect(let plan):
        var operations: [PreparedOperation] = []
        for operation in plan.operations { operations.append(try await inspect(operation)) }
        return .inspected(operations)
      case .rehearse(let operations): return .rehearsed(await rehearse(operations))
      case .ask: return .answered(await seams.ask(fix))
      case .perform(let operation): return try await carryOut(operation, fix)
      case .reread(let operation):
        seams.progress("\(operation.operation.target) changed meanwhile; reading it again")
        var fresh = try await inspect(operation.operation)
        fresh.predicted = operation.predicted
        return .reread(fresh)
      case .check(let ids):
        seams.progress("checking \(ids.joined(separator: ", "))")
        return .checked(try await seams.check(ids))
      case .checkLater(let pause, let ids):
        let open = fix.checks.filter { !$0.passes }.map { "\($0.id) \($0.text)" }
        seams.progress("waiting for \(open.joined(separator: "; "))")
        try await time.sleep(pause)
        return .checked(try await seams.check(ids))
      case .finish(let outcome): return .failed(outcome.message)
      }
    } catch let error as PlanNotProposed {
      return .notProposed(error.message)
    } catch {
      return .failed(scrubbed("\(error)"))
    }
  }

  /// Reads the live object of an operation.
  private func inspect(_ operation: RemediationOperation) async throws -> PreparedOperation {
    let restartedAt = time.timestamp().seconds
    if operation.verb == .probe {
      return PreparedOperation(operation, before: nil, restartedAt: restartedAt)
    }
    do {
      let object = try await client.getValue(operation.type, operation.key)
      guard let live = LiveObject(object) else {
        throw RemediationError("the API server sent no object for \(operation.target)")
      }
      if let uid = operation.uid, uid != live.uid {
        throw RemediationError(
          "\(operation.target) is another object than the plan meant (uid \(live.uid), not \(uid))")
      }
      if let version = operation.resourceVersion, version != live.resourceVersion {
        throw RemediationError(
          "\(operation.target) was changed since (version \(live.resourceVersion), not \(version))")
      }
      return PreparedOperation(operation, before: live, restartedAt: restartedAt)
    } catch let error as KubeError
      where error.isNotFound && (operation.verb == .apply || operation.verb == .create)
    {
      return PreparedOperation(operation, before: nil, restartedAt: restartedAt)
    } catch let error as KubeError {
      throw RemediationError("\(operation.target): \(error)")
    }
  }

  /// The server does everything but keep the result. A real token is not needed for that.
  private func rehearse(_ operations: [PreparedOperation]) async -> [PreparedOperation] {
    var rehearsed: [PreparedOperation] = []
    var made: Set<String> = []
    for var operation in operations {
      if operation.operation.verb == .probe {
        rehearsed.append(operation)
        continue
      }
      let type = operation.operation.type
      let definition = "\(type.plural).\(type.group)"
      do {
        let body = operation.request.body.filled { _ in "rehearsal-without-the-real-value" }
        operation.predicted = try await send(operation, body, isDryRun: true)
      } catch {
        // What an earlier step brings is not there yet.
        let waits = error.isNotFound && operation.before == nil && made.contains(definition)
        operation.problem = waits ? nil : error.description
        operation.isStale = isStale(operation, error)
      }
      if type.plural == "customresourcedefinitions" { made.insert(operation.operation.key.name) }
      rehearsed.append(operation)
    }
    return rehearsed
  }

  private func carryOut(_ operation: PreparedOperation, _ fix: Fix) async throws -> Fix.Event {
    try seams.record(fix.undo(with: operation, after: operation.predicted))
    var body = operation.request.body
    for name in body.placeholders {
      guard let secret = secrets[name] else {
        throw RemediationError("the input \(name) was not given: use --token-stdin")
      }
      body = secret.filling(name, in: body)
    }
    seams.progress("\(operation.request.method) \(operation.request.path)")
    if operation.operation.verb == .probe {
      try await seams.probe(operation.request.body)
      return .performed(nil)
    }
    do throws(KubeError) {
      return .performed(try await send(operation, body, isDryRun: false))
    } catch {
      let why = scrubbed(error.description)
      if isStale(operation, error) {
        return .conflicted("the server refused it as the object has changed: \(why)")
      }
      if error.mayHaveBeenPerformed {
        return .failed(
          "\(operation.operation.target): \(why); the server may have done it all the same")
      }
      return .failed("\(operation.operation.target): \(why)")
    }
  }

  /// Whether the server refused an operation as its object has changed since it was read.
  private func isStale(_ operation: PreparedOperation, _ error: KubeError) -> Bool {
    error.isConflict || (error.isInvalid && operation.operation.patchType == .json)
  }

  private func send(
    _ operation: PreparedOperation, _ body: JSONValue, isDryRun: Bool
  ) async throws(KubeError) -> LiveObject? {
    let request = operation.request
    var body = body
    // Of a deletion the server reads the body's options and then no longer the query's
    // (apiserver, endpoints/handlers/delete.go): there, dryRun would be overlooked, and the object gone.
    if isDryRun, request.method == "DELETE" { body["dryRun"] = ["All"] }
    let response = try await client.raw(
      method: request.method, path: request.path, query: request.queryItems(isDryRun: isDryRun),
      body: body.serialized(), contentType: request.contentType)
    guard request.method != "DELETE" else { return nil }
    guard let object = (try? JSONValue(parsing: response.body)).flatMap(LiveObject.init) else {
      throw KubeError(message: "the API server's answer is no object")
    }
    return object
  }

  private func finished(_ fix: Fix, _ after: LiveObject?) async {
    guard fix.doneCount > 0, let plan = fix.plan else { return }
    let operation = fix.prepared[fix.doneCount - 1]
    do {
      try seams.record(fix.undo)
    } catch {
      seams.progress("warning: the undo record can't be written: \(error)")
    }
    if let warning = await FixAudit(client: client, actor: actor, time: time)
      .write(operation, after: after, plan: plan)
    {
      seams.progress("warning: \(warning)")
    }
  }

  private func scrubbed(_ text: String) -> String {
    secrets.values.reduce(text) { $1.scrubbing($0) }
  }
}
