/// Tells that something in a scripts' directory changed: one element for each burst of changes,
/// which ends with a silence, or half a second after its first. Changes that nobody has waited for
/// are one element. An element is the moment when its burst began.
///
/// Watches the folder and its lib, resources and runbooks. They are looked up anew after each
/// change, because a mounted ConfigMap changes by exchanging a symbolic link.
package final class ScriptDirectoryWatcher: AsyncSequence, Sendable {
  package typealias Element = ContinuousClock.Instant

  private let stream: AsyncStream<ContinuousClock.Instant>
  private let watch: InotifyWatch

  /// Nothing is reported when the directory cannot be watched: see ``isWatching``.
  ///
  /// - Parameter silence: how long nothing must change before a burst counts as over. The default
  ///   lets a tool that writes several files finish; one editor's save needs less.
  package init(directory: String, silence: Duration = .milliseconds(100)) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Element.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    watch = InotifyWatch(directory: directory, silence: silence, continuation: continuation)
    isWatching = watch.start()
    if !isWatching { watch.stop() }
  }

  deinit { watch.stop() }

  /// False when the system refuses to watch (no inotify instance left, or no such directory).
  package let isWatching: Bool

  package func makeAsyncIterator() -> AsyncStream<ContinuousClock.Instant>.Iterator {
    stream.makeAsyncIterator()
  }
}
