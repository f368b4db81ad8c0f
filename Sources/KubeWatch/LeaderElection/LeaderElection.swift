/// Decides whether this process leads, as a pure machine: it is told what the Lease says, what became
/// of its writes and how late it is, and says what to ask and write, and whether work may be done.
///
/// The rules are those of client-go's `leaderelection`: a holder renews; whoever sees no change of the
/// Lease for its duration, by its own clock that never goes back, takes it over by an optimistic
/// write. Times in the Lease are never compared with a clock. Three rules are stricter, since Discord
/// can't refuse a leader of yesterday:
///
/// - a term ends `renewDeadline` after the last renewal was *sent*, so that all work has stopped
///   before another may begin;
/// - a Lease that vanished is not free before its last known holder's time is over, and who makes a
///   new one begins `renewDeadline` later: a holder that nobody here has seen may still be working;
/// - an empty holder counts as given back only with the duration of one second that comes with it.
package struct LeaderElection: Sendable {
  package typealias Instant = ContinuousClock.Instant

  /// Numbers that may be chosen. The defaults are client-go's and controller-runtime's.
  package struct Configuration: Sendable {
    /// Who this process is: unlike every other and every earlier one.
    package var identity: String
    /// How long the others leave the Lease alone after a renewal.
    package var leaseDuration: Duration = .seconds(15)
    /// How long after its last renewal a holder works; the rest of the duration is for what is on
    /// its way.
    package var renewDeadline: Duration = .seconds(10)
    /// Time between two renewals, and between two looks of those who wait.
    package var retryPeriod: Duration = .seconds(2)

    /// Makes a configuration with the defaults.
    package init(identity: String) {
      self.identity = identity
    }
  }

  /// What happened. Of each request exactly one of `read`, `written`, `conflicted`, `failed` is told.
  package enum Event: Sendable, Hashable {
    case started
    case timePassed
    /// The Lease was read; nil: there is none.
    case read(LeaseRecord?)
    case written(LeaseRecord)
    /// The write was refused: the Lease is not what it was, came or went.
    case conflicted
    /// Nobody knows, or the server does not do it.
    case failed
    /// The process is about to end; its work has ended already.
    case stopRequested
  }

  /// Why a term ended.
  package enum Loss: Sendable, Hashable {
    /// No renewal came through in time.
    case expired
    case takenBy(String)
    /// Given back.
    case released
  }

  /// What the driver does.
  package enum Action: Sendable, Hashable {
    case read
    case create(LeaseClaim)
    case update(LeaseClaim, resourceVersion: String)
    /// From now on work may be done.
    case lead
    /// From now on not; what is under way stops at once.
    case stop(Loss)
  }

  private enum Standing: Sendable {
    case standby, holding, leading, releasing, over
  }

  private enum Plan: Sendable {
    case read, create, update
  }

  private let configuration: Configuration
  private var standing = Standing.standby
  private var plan = Plan.read
  private var nextTry: Instant?
  private var requestStart: Instant?
  private var wasCreate = false
  private var conflicts = 0
  /// The Lease as last seen.
  package private(set) var observed: LeaseRecord?
  /// Until when another's claim is respected.
  private var heldUntil: Instant?
  /// Until when this process holds the Lease.
  private var validUntil: Instant?
  /// Not before this time a term begins.
  private var holdOff: Instant?

  /// A process that has not looked yet.
  package init(configuration: Configuration) {
    self.configuration = configuration
  }

  /// Until when work may be done; nil when it may not.
  package var actsUntil: Instant? { standing == .leading ? validUntil : nil }

  /// Whether nothing more will happen.
  package var isOver: Bool { standing == .over }

  /// When `timePassed` is to be told at the latest.
  package var nextWakeUp: Instant? {
    guard standing != .over else { return nil }
    var times = [validUntil].compactMap { $0 }
    if requestStart == nil, let nextTry { times.append(nextTry) }
    if standing == .holding, let holdOff { times.append(holdOff) }
    return times.min()
  }

  /// Takes an event.
  ///
  /// - Parameter random: 0 up to 1, spreads the looks of those who wait.
  package mutating func handle(_ event: Event, now: Instant, random: Double) -> [Action] {
    var actions: [Action] = []
    if let end = validUntil, end <= now { actions += endTerm(.expired) }
    switch event {
    case .started: nextTry = now
    case .timePassed: break
    case .read(let record):
      requestStart = nil
      actions += note(record, now, random)
    case .written(let record):
      actions += noteOwn(record, now)
    case .conflicted:
      requestStart = nil
      conflicts += 1
      plan = .read
      nextTry = conflicts < 3 ? now : now + configuration.retryPeriod
    case .failed:
      requestStart = nil
      if standing == .releasing { standing = .over }
      if standing == .standby { plan = .read }
      nextTry = now + pause(random)
    case .stopRequested:
      if standing == .leading { actions.append(.stop(.released)) }
      let holds = standing == .leading || standing == .holding
      standing = holds ? .releasing : .over
      validUntil = nil
      nextTry = now
    }
    if standing == .holding, (holdOff ?? now) <= now, validUntil != nil {
      standing = .leading
      actions.append(.lead)
    }
    return actions + request(now)
  }

  /// What others wrote, or ourselves in a write whose answer was lost.
  private mutating func note(
    _ record: LeaseRecord?, _ now: Instant, _ random: Double
  ) -> [Action] {
    let isNews =
      record?.resourceVersion != observed?.resourceVersion || record?.uid != observed?.uid
    observed = record
    nextTry = now
    if record?.holder == configuration.identity {
      plan = .update
      return []
    }
    if standing == .releasing {
      standing = .over
      return []
    }
    if record == nil, standing == .leading || standing == .holding {
      plan = .create
      return []
    }
    var actions: [Action] = []
    if let record {
      actions = endTerm(.takenBy(record.holder))
      let isGivenBack = record.holder.isEmpty && record.duration == .seconds(1)
      if isGivenBack {
        heldUntil = nil
      } else if isNews || heldUntil == nil {
        heldUntil = now + (record.duration ?? configuration.leaseDuration)
      }
    }
    if let end = heldUntil, end > now {
      plan = .read
      nextTry = min(now + pause(random), end)
    } else {
      plan = record == nil ? .create : .update
    }
    return actions
  }

  /// Our own write was taken.
  private mutating func noteOwn(_ record: LeaseRecord, _ now: Instant) -> [Action] {
    let start = requestStart ?? now
    requestStart = nil
    conflicts = 0
    guard standing != .releasing else {
      // The renewal that was under way when the order to stop came, or the giving back itself.
      if record.holder.isEmpty { standing = .over }
      observed = record
      return []
    }
    guard standing != .over else { return [] }
    observed = record
    heldUntil = nil
    plan = .update
    nextTry = start + configuration.retryPeriod
    let end = start + configuration.renewDeadline
    guard end > now else { return [] }
    validUntil = end
    if standing == .standby {
      if wasCreate { holdOff = now + configuration.renewDeadline }
      standing = .holding
    }
    return []
  }

  private mutating func endTerm(_ loss: Loss) -> [Action] {
    validUntil = nil
    let wasLeading = standing == .leading
    if wasLeading || standing == .holding { standing = .standby }
    if plan != .read, requestStart == nil, loss == .expired { plan = .read }
    return wasLeading ? [.stop(loss)] : []
  }

  /// The next request, if it is time for one and none is under way.
  private mutating func request(_ now: Instant) -> [Action] {
    guard requestStart == nil, standing != .over, let next = nextTry, next <= now else { return [] }
    requestStart = now
    nextTry = nil
    wasCreate = false
    switch (plan, observed) {
    case (.create, _):
      wasCreate = true
      return [.create(claim(over: nil))]
    case (.update, let observed?):
      return [.update(claim(over: observed), resourceVersion: observed.resourceVersion)]
    default: return [.read]
    }
  }

  private func claim(over old: LeaseRecord?) -> LeaseClaim {
    let isOurs = old?.holder == configuration.identity
    guard standing != .releasing else {
      return LeaseClaim(
        holder: "", duration: .seconds(1), transitions: old?.transitions ?? 0,
        isAcquisition: false)
    }
    return LeaseClaim(
      holder: configuration.identity, duration: configuration.leaseDuration,
      transitions: (old?.transitions ?? 0) + (old == nil || isOurs ? 0 : 1),
      isAcquisition: !isOurs)
  }

  /// Those who wait look at different moments (client-go's jitter of 1.2); a holder is punctual.
  private func pause(_ random: Double) -> Duration {
    standing == .standby
      ? configuration.retryPeriod * (1 + 1.2 * random) : configuration.retryPeriod
  }
}
