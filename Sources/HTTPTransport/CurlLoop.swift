import CCurl
import Glibc
import Synchronization

/// The thread that owns libcurl's multi handle, and the inbox by which others reach it.
///
/// It runs tasks as well: one that runs where its answers arrive is handed from thread to thread
/// neither with its request nor with the answer (see docs/adr/0006-one-thread.md).
///
/// `@unchecked Sendable`: besides the inbox, which a mutex guards, only the loop's own thread
/// touches what is mutable here.
@safe package final class CurlLoop: TaskExecutor, @unchecked Sendable {
  enum Command {
    case run(UnownedJob)
    case start(CurlExchange)
    case cancel(CurlExchange)
    /// The reader of a stream took what was buffered.
    case resume(CurlExchange)
    /// A task lets others go first.
    case giveWay(CheckedContinuation<Void, Never>)
    case shutDown(CheckedContinuation<Void, Never>?)
  }

  private struct Inbox {
    var commands: [Command] = []
    var thread: pthread_t?
    /// Whether the loop is about to sleep, or sleeps, so that a command has to wake it.
    var isLoopWaiting = false
    var isClosed = false
  }

  /// Idle connections that are kept for later requests.
  private static let keptConnections = 64
  /// Idle easy handles that are kept for later requests.
  private static let keptHandles = 32
  private static let longestPoll: Duration = .seconds(60)
  /// How often commands that came of commands go before the network has its turn.
  private static let roundsBetweenTurns = 16
  /// How often the network has its turn, at most, before a task that gave way goes on although others
  /// never stop.
  private static let longestPatience = 16
  private static let globalInitialisation = ccurl_global_init()

  private let proxyExceptions: String
  /// Streams have connections of their own. libcurl looks at each transfer of a connection whenever
  /// something arrives on it, so that every answer would cost a look at every watch.
  private let multi: OpaquePointer?
  private let streamMulti: OpaquePointer?
  private let reactor: OpaquePointer?
  private let inbox = Mutex(Inbox())

  private var active: [ObjectIdentifier: CurlExchange] = [:]
  private var streams: [CurlExchange] = []
  private var idleHandles: [CurlHandle] = []
  /// Tasks that gave way, the first of them first, and the turns since one of them went on.
  private var patient: [CheckedContinuation<Void, Never>] = []
  private var turnsOfOthers = 0
  private var isStopping = false
  private var shutDownWaiters: [CheckedContinuation<Void, Never>] = []

  /// Makes a loop and starts its thread, which holds it until it is shut down.
  package init() {
    // A proxy cannot reach this machine's own loopback; libcurl would ask it nevertheless.
    var exceptions = "localhost,127.0.0.1,::1"
    for name in ["no_proxy", "NO_PROXY"] {
      if let text = unsafe getenv(name) { exceptions += unsafe "," + String(cString: text) }
    }
    proxyExceptions = exceptions
    _ = Self.globalInitialisation
    unsafe multi = curl_multi_init()
    unsafe streamMulti = curl_multi_init()
    unsafe reactor = ccurl_reactor_create()
    unsafe take(multi, lane: 0)
    unsafe take(streamMulti, lane: 1)
    startThread()
  }

  deinit { unsafe ccurl_reactor_free(reactor) }

  private func take(_ multi: OpaquePointer?, lane: Int32) {
    guard unsafe reactor != nil else { return }
    unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.keptConnections)
    unsafe ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, 2)
    unsafe ccurl_reactor_add(reactor, lane, multi)
  }

  private func startThread() {
    guard unsafe reactor != nil, unsafe multi != nil, unsafe streamMulti != nil else {
      return close()
    }
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        CurlLoop.blockSignals()
        unsafe Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    if failure == 0 {
      pthread_detach(thread)
    } else {
      unsafe Unmanaged<CurlLoop>.fromOpaque(context).release()
      close()
    }
  }

  /// Signals belong to the rest of the process; a broken pipe is an error code here.
  private static func blockSignals() {
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
  }

  /// Runs a job of a task that prefers this thread; the common pool does once the loop has ended.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if !post(.run(job)) { Self.runElsewhere(job) }
  }

  private static func runElsewhere(_ job: UnownedJob) {
    globalConcurrentExecutor.enqueue(job)
  }

  /// Lets the network and every other task of this thread go first, however many steps they take: for
  /// one that would keep the thread for long. `Task.yield()` would let each of them take one step.
  package func giveWay() async {
    await withCheckedContinuation { continuation in
      if !post(.giveWay(continuation)) { continuation.resume() }
    }
  }

  /// Fails what is in flight with `.shutDown`, closes the connections and ends the thread.
  package func shutDown() async {
    await withCheckedContinuation { continuation in
      if !post(.shutDown(continuation)) { continuation.resume() }
    }
  }

  /// Hands an exchange over; it fails at once after shutdown.
  func start(_ exchange: CurlExchange) {
    if !post(.start(exchange)) { exchange.fail(Self.shutDownError(mayHaveBeenSent: false)) }
  }

  /// False when the loop has ended and will never see the command.
  @discardableResult
  func post(_ command: Command) -> Bool {
    let (isTaken, wakes) = inbox.withLock { inbox in
      guard !inbox.isClosed else { return (false, false) }
      inbox.commands.append(command)
      // One wake-up is enough, and a loop that is at work looks here again by itself.
      guard inbox.isLoopWaiting, !Self.isCurrent(inbox.thread) else { return (true, false) }
      inbox.isLoopWaiting = false
      return (true, true)
    }
    // Not within the lock, which the loop wants as soon as it is awake.
    if wakes { unsafe ccurl_reactor_wake(reactor) }
    return isTaken
  }

  private static func isCurrent(_ thread: pthread_t?) -> Bool {
    guard let thread else { return false }
    return pthread_equal(thread, pthread_self()) != 0
  }

  private func run() {
    inbox.withLock { $0.thread = pthread_self() }
    while true {
      let isIdle = performCommands()
      if isStopping { break }
      let wait = isIdle ? Int32(expireStreams()) : 0
      unsafe ccurl_reactor_turn(reactor, patient.isEmpty ? wait : 0)
      finishEnded()
      resumePatient()
    }
    close()
  }

  /// True when nothing is left to do but to wait.
  private func performCommands() -> Bool {
    for _ in 0..<Self.roundsBetweenTurns {
      let commands = inbox.withLock { inbox in
        let commands = inbox.commands
        inbox.commands = []
        inbox.isLoopWaiting = commands.isEmpty
        return commands
      }
      if commands.isEmpty { return true }
      for command in commands { perform(command) }
      if isStopping { return false }
    }
    return false
  }

  private func resumePatient() {
    guard !patient.isEmpty else { return }
    turnsOfOthers += 1
    let hasOthers = inbox.withLock { !$0.commands.isEmpty }
    guard !hasOthers || turnsOfOthers >= Self.longestPatience else { return }
    turnsOfOthers = 0
    patient.removeFirst().resume()
  }

  private func perform(_ command: Command) {
    switch command {
    case .run(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    case .start(let exchange): begin(exchange)
    case .cancel(let exchange):
      exchange.isCancelled = true
      guard exchange.handle != nil else { return }
      abort(exchange, .cancelled, "the request was cancelled")
    case .resume(let exchange):
      guard let handle = exchange.handle else { return }
      exchange.restartIdleTime()
      unsafe curl_easy_pause(handle.easy, ccurl_pause_continue())
    case .giveWay(let task): patient.append(task)
    case .shutDown(let waiter):
      isStopping = true
      if let waiter { shutDownWaiters.append(waiter) }
    }
  }

  private func begin(_ exchange: CurlExchange) {
    func refuse(_ kind: TransportError.Kind, _ message: String) {
      exchange.fail(TransportError(kind: kind, message: message, requestMayHaveBeenSent: false))
    }
    if exchange.isCancelled { return refuse(.cancelled, "the request was cancelled") }
    if isStopping { return refuse(.shutDown, "the transport was shut down") }
    guard let handle = handle(for: exchange.settings) else {
      return refuse(.invalidRequest, "libcurl gave no handle")
    }
    if let problem = handle.prepare(exchange) {
      recycle(handle)
      return refuse(.invalidRequest, problem)
    }
    let multi = unsafe exchange.isStream ? streamMulti : multi
    guard unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
      recycle(handle)
      return refuse(.invalidRequest, "libcurl did not take the request")
    }
    exchange.handle = handle
    active[ObjectIdentifier(exchange)] = exchange
    if exchange.isStream {
      exchange.deadline = ContinuousClock.now.advanced(by: exchange.request.timeout)
      streams.append(exchange)
    }
  }

  private func handle(for settings: CurlSettings) -> CurlHandle? {
    if let index = idleHandles.lastIndex(where: { $0.settings === settings }) {
      return idleHandles.remove(at: index)
    }
    return CurlHandle(settings: settings, proxyExceptions: proxyExceptions)
  }

  private func finishEnded() {
    unsafe finishEnded(of: multi)
    unsafe finishEnded(of: streamMulti)
  }

  private func finishEnded(of multi: OpaquePointer?) {
    var easy: OpaquePointer?
    var code = CURLE_OK
    while unsafe ccurl_next_ended(multi, &easy, &code) {
      guard let context = unsafe ccurl_get_private(easy) else { continue }
      let handle = unsafe Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
      guard let exchange = handle.exchange else { continue }
      if code == CURLE_OK {
        exchange.status = handle.status
        exchange.version = handle.version
        release(exchange, handle)
        exchange.succeed()
      } else {
        let kind = exchange.refusal ?? TransportError.Kind(curl: code)
        let message =
          exchange.refusal == nil
          ? handle.message(for: code) : "the answer is larger than the limit"
        let sent = exchange.mayHaveBeenSent(requestBytes: handle.requestBytes)
        release(exchange, handle)
        exchange.fail(
          TransportError(kind: kind, message: message, requestMayHaveBeenSent: sent))
      }
    }
  }

  /// Breaks an exchange off that libcurl would go on with.
  private func abort(_ exchange: CurlExchange, _ kind: TransportError.Kind, _ message: String) {
    guard let handle = exchange.handle else { return }
    let sent = exchange.mayHaveBeenSent(requestBytes: handle.requestBytes)
    release(exchange, handle)
    exchange.fail(TransportError(kind: kind, message: message, requestMayHaveBeenSent: sent))
  }

  private func release(_ exchange: CurlExchange, _ handle: CurlHandle) {
    unsafe curl_multi_remove_handle(exchange.isStream ? streamMulti : multi, handle.easy)
    exchange.handle = nil
    active[ObjectIdentifier(exchange)] = nil
    if exchange.isStream { streams.removeAll { $0 === exchange } }
    recycle(handle)
  }

  private func recycle(_ handle: CurlHandle) {
    handle.recycle()
    if idleHandles.count < Self.keptHandles { idleHandles.append(handle) }
  }

  /// Ends the streams that are silent for too long; returns the milliseconds until the next could
  /// be.
  private func expireStreams() -> Int {
    guard !streams.isEmpty else { return 60_000 }
    let now = ContinuousClock.now
    for exchange in streams {
      guard let deadline = exchange.deadline, deadline <= now else { continue }
      if case .body = exchange.waiter {
        abort(exchange, .timedOut, "the stream was silent for too long")
      } else {
        abort(exchange, .timedOut, "no answer came in time")
      }
    }
    guard let next = streams.compactMap(\.deadline).min() else { return 60_000 }
    let (seconds, attoseconds) = min(now.duration(to: next), Self.longestPoll).components
    return max(0, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1)
  }

  /// Fails what is left and frees libcurl's handles; nothing reaches the loop afterwards.
  private func close() {
    for exchange in active.values {
      abort(exchange, .shutDown, "the transport was shut down")
    }
    let late = inbox.withLock { inbox in
      inbox.isClosed = true
      let commands = inbox.commands
      inbox.commands = []
      return commands
    }
    for command in late {
      switch command {
      case .run(let job): Self.runElsewhere(job)
      case .start(let exchange): exchange.fail(Self.shutDownError(mayHaveBeenSent: false))
      case .giveWay(let task): task.resume()
      case .shutDown(let waiter?): shutDownWaiters.append(waiter)
      case .shutDown(nil), .cancel, .resume: break
      }
    }
    for task in patient { task.resume() }
    patient = []
    idleHandles = []
    unsafe curl_multi_cleanup(multi)
    unsafe curl_multi_cleanup(streamMulti)
    for waiter in shutDownWaiters { waiter.resume() }
    shutDownWaiters = []
  }

  private static func shutDownError(mayHaveBeenSent: Bool) -> TransportError {
    TransportError(
      kind: .shutDown, message: "the transport was shut down",
      requestMayHaveBeenSent: mayHaveBeenSent)
  }
}
