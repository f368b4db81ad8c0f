import HTTPTransport
import JSONValue
import Synchronization

extension DiscordClient {
  /// How one exchange ended.
  private enum Result {
    case done(DiscordResponse)
    case failed(DiscordError)
    case limited(Duration)
    case lost(status: Int?, message: String, mayHaveBeenPerformed: Bool)
  }

  /// Performs a request; `before` is the object as last read, for the security log.
  func send(
    _ request: DiscordRequest, before: [UInt8]?
  ) async throws(DiscordError) -> DiscordResponse {
    let call = try prepare(request)
    if !call.isTokenCheck { await checkToken() }
    if !call.route.isRead { await probe(for: request.resourceType) }
    do {
      let response = try await perform(call)
      report(call, before, after: response, error: nil)
      return response
    } catch {
      report(call, before, after: nil, error: error)
      throw error
    }
  }

  /// Lets a read find out whether Discord is back, before a write does: the answer to a write could
  /// get lost as well, and somebody would have to look for what it did.
  private func probe(for type: String) async {
    let now = time.now()
    let isDue = state.withLock { $0.breakers[type]?.needsProbe(at: now) ?? false }
    guard isDue else { return }
    // What it finds is the breaker's to remember; the write that follows is refused by that.
    _ = try? await send(
      DiscordRequest(
        method: "GET", path: "/users/@me", priority: .createOrDelete, resourceType: type,
        operation: "probe"),
      before: nil)
  }

  /// While too many requests were refused, one a minute finds out whether the token is good at all: a
  /// wrong one would go on to be refused with all that wait.
  private func checkToken() async {
    guard address.isTokenCheckDue(at: time.now()) else { return }
    _ = try? await send(
      DiscordRequest(
        method: "GET", path: "/users/@me", priority: .createOrDelete, resourceType: "user",
        operation: "token_check"),
      before: nil)
  }

  private func perform(_ call: PreparedCall) async throws(DiscordError) -> DiscordResponse {
    var tries = 1
    var limited = 0
    // Once a write may have been performed, no later refusal may hide it.
    var lost: DiscordError?
    while true {
      let pass: CircuitBreaker.Pass
      do {
        pass = try await admit(call)
      } catch {
        throw lost ?? error
      }
      switch await exchange(call, pass, attempt: tries + limited) {
      case .done(let response): return response
      case .failed(let error): throw error
      case .limited(let wait):
        limited += 1
        if limited >= configuration.limitedTries {
          throw lost ?? .requeue(after: wait, reason: "Discord answers 429 again and again")
        }
      case .lost(let status, let message, let maybe):
        let error = DiscordError.unavailable(
          status: status, message: message, mayHaveBeenPerformed: maybe)
        if Task.isCancelled { throw DiscordError.cancelled(mayHaveBeenPerformed: maybe) }
        guard call.mayBeSentAgain, tries < configuration.tries else { throw error }
        lost = error
        let pause = configuration.retryPause * (1 << (tries - 1)) * (0.5 + random())
        tries += 1
        await time.sleep(time.now().advanced(by: pause))
      }
    }
  }

  private func exchange(
    _ call: PreparedCall, _ pass: CircuitBreaker.Pass, attempt: Int
  ) async -> Result {
    let started = time.now()
    let response: HTTPResponse
    do {
      response = try await transport.send(call.http)
    } catch {
      return lose(call, pass, error, started, attempt)
    }
    let status: FinishedRequest.Status =
      switch response.status {
      case 200..<300: .success
      case 429: .rateLimited
      case 500...: .serverError
      default: .clientError
      }
    finish(call, status, response.status, started, attempt)
    switch response.status {
    case 429: return obeyLimit(call, pass, response)
    case 500...:
      settle(call, pass, .lost, .failure)
      let failure = DiscordFailure(status: response.status, body: response.body)
      return .lost(
        status: response.status, message: token.scrubbing(failure.message),
        mayHaveBeenPerformed: call.isWrite)
    case 200..<300:
      guard response.body.isEmpty || JSONSlices.looksWhole(response.body) else {
        // A page of some gateway, or a body that was cut: nobody knows what was done.
        settle(call, pass, .lost, .failure)
        return .lost(
          status: response.status, message: "the answer is not JSON",
          mayHaveBeenPerformed: call.isWrite)
      }
      settle(call, pass, .answered(RateLimitHeaders { response.headers[$0] }), .success)
      return .done(DiscordResponse(status: response.status, body: response.body))
    default:
      settle(call, pass, .answered(RateLimitHeaders { response.headers[$0] }), .success)
      return refuse(call, response)
    }
  }

  private func lose(
    _ call: PreparedCall, _ pass: CircuitBreaker.Pass, _ error: TransportError,
    _ started: ContinuousClock.Instant, _ attempt: Int
  ) -> Result {
    let maybe = call.isWrite && error.requestMayHaveBeenSent
    switch error.kind {
    case .cancelled, .shutDown:
      settle(call, pass, .lost, .abandoned)
      return .failed(.cancelled(mayHaveBeenPerformed: maybe))
    case .invalidRequest:
      settle(call, pass, .lost, .abandoned)
      return .failed(.invalidRequest(token.scrubbing(error.message)))
    case .responseTooLarge:
      settle(call, pass, .lost, .abandoned)
      return .failed(
        .unavailable(
          status: nil, message: token.scrubbing(error.message), mayHaveBeenPerformed: maybe))
    case .cannotResolve, .cannotConnect, .tls, .timedOut, .connectionLost:
      finish(call, .networkError, nil, started, attempt)
      settle(call, pass, .lost, .failure)
      return .lost(
        status: nil, message: token.scrubbing(error.description), mayHaveBeenPerformed: maybe)
    }
  }

  /// A 4xx but 429 (or a redirect, which an API has no business to give).
  private func refuse(_ call: PreparedCall, _ response: HTTPResponse) -> Result {
    var failure = DiscordFailure(status: response.status, body: response.body)
    failure.message = token.scrubbing(failure.message)
    for index in failure.errors.indices {
      failure.errors[index].message = token.scrubbing(failure.errors[index].message)
    }
    if response.status == 401 || response.status == 403 {
      let now = time.now()
      observer.invalidRequest(response.status, address.noteInvalid(at: now))
    }
    if response.status == 401 || failure.code == 40_001 || failure.code == 50_014 {
      refuseToken()
      return .failed(.unauthorized)
    }
    // What a DELETE wanted is so. But 10004 (the guild) is also what a glitch answers, and code 0
    // is an unknown route: neither says that the object is gone.
    if call.request.method == "DELETE", response.status == 404,
      failure.code > 10_000, failure.code < 20_000, failure.code != 10_004
    {
      return .done(DiscordResponse(status: 404, body: []))
    }
    return .failed(.answered(failure))
  }

  private func obeyLimit(
    _ call: PreparedCall, _ pass: CircuitBreaker.Pass, _ response: HTTPResponse
  ) -> Result {
    let value = try? JSONValue(parsing: response.body)
    let body = value?.objectValue.map { _ in
      RateLimitNotice.Body(
        retryAfter: value?["retry_after"]?.doubleValue.flatMap { RateLimitHeaders.bounded($0) },
        isGlobal: value?["global"]?.boolValue ?? false)
    }
    let notice = RateLimitNotice(field: { response.headers[$0] }, body: body)
    let now = time.now()
    if notice.scope != .shared {
      observer.invalidRequest(429, address.noteInvalid(at: now))
    }
    let wait = notice.wait ?? (notice.scope == .cloudflare ? .seconds(60) : .seconds(1))
    observer.rateLimited(notice.scope, call.route.template, wait)
    guard notice.scope == .cloudflare else {
      settle(call, pass, .limited(notice), .success)
      return .limited(wait)
    }
    address.pause(until: now.advanced(by: wait))
    settle(call, pass, .lost, .abandoned)
    return .failed(.requeue(after: wait, reason: "Cloudflare limits this address"))
  }

  // MARK: Telling others

  private func settle(
    _ call: PreparedCall, _ pass: CircuitBreaker.Pass, _ limits: RateLimiter.Outcome,
    _ breaker: CircuitBreaker.Outcome
  ) {
    let now = time.now()
    let type = call.request.resourceType
    var transition: CircuitBreaker.Transition?
    tell { state in
      transition = state.breakers[type]?.ended(pass, breaker, at: now, random: random())
      return state.limiter.finished(call.ask.id, limits, at: now)
    }
    if let transition { observer.breakerChanged(type, transition) }
  }

  private func finish(
    _ call: PreparedCall, _ status: FinishedRequest.Status, _ code: Int?,
    _ started: ContinuousClock.Instant, _ attempt: Int
  ) {
    observer.requestFinished(
      FinishedRequest(
        resourceType: call.request.resourceType, operation: call.request.operation,
        route: call.route.template, status: status, code: code,
        duration: started.duration(to: time.now()), attempt: attempt))
  }

  private func report(
    _ call: PreparedCall, _ before: [UInt8]?, after: DiscordResponse?, error: DiscordError?
  ) {
    guard call.isWrite else { return }
    switch error {
    case .requeue, .circuitOpen, .invalidRequest, .cancelled(mayHaveBeenPerformed: false):
      return  // Nothing was sent, or nothing done.
    default: break
    }
    let status: Int? =
      switch error {
      case nil: after?.status
      case .answered(let failure): failure.status
      case .unavailable(let status, _, _): status
      case .unauthorized: 401
      default: nil
      }
    observer.mutation(
      Mutation(
        actor: call.request.actor, resourceType: call.request.resourceType,
        operation: call.request.operation, method: call.request.method,
        path: Self.shown(call.request.path), reason: call.request.auditLogReason, before: before,
        requested: call.request.body,
        after: after.flatMap { $0.body.isEmpty ? nil : $0.body }, status: status,
        failure: error?.description))
  }

  /// A webhook's token stands in its path.
  private static func shown(_ path: String) -> String {
    var segments = path.split(separator: "/")
    if segments.count >= 3, segments[0] == "webhooks" { segments[2] = "[redacted]" }
    return "/" + segments.joined(separator: "/")
  }
}
