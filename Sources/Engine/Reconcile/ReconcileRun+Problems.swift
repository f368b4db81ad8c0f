import DiscordAPI
import JSONValue
import KubeWatch
import Logging

extension ReconcileRun {
  /// Writes condition and Event, logs, and says when to try again.
  mutating func report(_ problem: ReconcileProblem) async -> Ending {
    let ending = ending(for: problem)
    guard !problem.isQuiet else {
      logger.debug("reconcile waits", metadata: ["reason": "\(problem.message)"])
      return ending
    }
    logger.log(
      level: problem.isLoggedOnce ? .debug : .error, "reconcile failed",
      metadata: ["error": "\(problem.message)", "event": "\(problem.eventReason)"])
    parts.events.warning(resource, rule.type, problem.eventReason, problem.message)
    var draft = StatusDraft(.failure(problem.message), handledRequest: resource.reconcileRequest)
    if resource.object.isDeleting {
      draft.conditions.append(.deleting)
    } else if resource.externalName == nil {
      draft.conditions.append(.creating)
    }
    do {
      resource = try await parts.writer.updateStatus(of: resource, type: rule.type, to: draft)
    } catch let error as KubeError where error.isNotFound {
      return .done(again: nil)
    } catch let error as KubeError where error.isCancelled {
      return .postponed(.zero)
    } catch {
      logger.error("the status could not be written", metadata: ["error": "\(error)"])
      return .failed(atLeast: .zero)
    }
    return ending
  }

  private func ending(for problem: ReconcileProblem) -> Ending {
    switch problem.retry {
    case .backoff(let atLeast): .failed(atLeast: atLeast)
    case .later(let wait): .postponed(wait)
    case .poll: .done(again: pollWait())
    case .stop: .done(again: nil)
    }
  }

  /// What a rule returned as an expected failure.
  func ruleProblem(_ failure: RuleFailure, function: String) -> ReconcileProblem {
    let retry: ReconcileProblem.Retry =
      switch (failure.isTerminal, failure.retryAfter) {
      case (true, nil): .poll
      case (true, let wait?): .later(wait)
      case (false, let wait): .backoff(atLeast: wait ?? .zero)
      }
    return ReconcileProblem(
      EventReason.cannot(function), failure.text + retryHint(failure.retryAfter), retry: retry,
      isRefusal: true)
  }

  /// Of a wait of a minute or more: how long, and how somebody who has removed the cause need not wait.
  private func retryHint(_ wait: Duration?) -> String {
    guard let wait, wait >= .seconds(60) else { return "" }
    let minutes = Int((wait / .seconds(60)).rounded())
    let time = minutes == 1 ? "a minute" : "\(minutes) minutes"
    let object = "\(rule.type.plural).\(rule.type.group) \(key.object.name)"
    return "; it is tried again after \(time), or at once after: kubectl annotate --overwrite "
      + "-n \(key.object.namespace) \(object) \(Annotation.trigger)=\"$(date)\""
  }

  /// A bug in a script: the message names file and line.
  func scriptProblem(_ text: String, function: String) -> ReconcileProblem {
    ReconcileProblem(
      EventReason.cannot(function),
      "the rule failed in \(function) (scripts \(rule.hash.prefix(12))): \(text)")
  }

  /// A failure between us and Discord.
  func discordProblem(_ error: DiscordError, function: String) -> ReconcileProblem {
    let reason = EventReason.cannot(function)
    switch error {
    case .unauthorized:
      return ReconcileProblem(
        EventReason.cannotConnect,
        "Discord refused the bot token (401) of ProviderConfig \(resource.providerConfigName): put a "
          + "valid token into \(parts.connections.credentials(of: resource.providerConfigName)); no "
          + "request is made with the refused one", retry: .poll)
    case .requeue(let wait, let why):
      logger.debug("rate limit: waiting", metadata: ["reason": "\(why)", "wait": "\(wait)"])
      // Short waits are daily business; a long one the object's owner should see. The message has
      // a moment, not a wait, so that it does not change from look to look.
      let until = parts.time.timestamp().advanced(by: wait)
      return ReconcileProblem(
        reason, "Discord's rate limit: \(why); goes on at \(until.seconds)", retry: .later(wait),
        isQuiet: wait < .seconds(60))
    case .circuitOpen(let type, let wait):
      return ReconcileProblem(
        EventReason.cannotConnect,
        "Discord failed repeatedly, so the circuit breaker for \(type) is open; it tries again by "
          + "itself" + (parts.outages.last(of: type).map { "; last failure: \($0)" } ?? ""),
        retry: .later(wait), isLoggedOnce: true)
    case .answered(let failure):
      return ReconcileProblem(reason, "Discord refused: \(failure)", isRefusal: true)
    case .unavailable(_, let text, let maybe):
      let message = "\(text) (\(parts.connections.address(of: resource.providerConfigName)))"
      parts.outages.record(message, of: rule.resourceType)
      return ReconcileProblem(
        reason,
        "Discord could not be reached or failed: \(message)"
          + (maybe && function == "create" ? "; whether it was created is being found out" : ""),
        retry: maybe ? .later(.seconds(1)) : .backoff(atLeast: .zero))
    case .invalidRequest(let message):
      return scriptProblem(message, function: function)
    case .cancelled:
      return ReconcileProblem(
        reason, "the provider is stopping", retry: .later(.zero), isQuiet: true)
    }
  }
}
