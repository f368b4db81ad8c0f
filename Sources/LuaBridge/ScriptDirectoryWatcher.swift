/// Tells that something in a scripts' directory changed: one element for each burst of changes,
/// after 100 ms of silence, at most half a second after its first. Changes that nobody has waited
/// for are one element.
///
/// Watches the folder and its lib, resources and runbooks. They are looked up anew after each
/// change, because a mounted ConfigMap changes by exchanging a symbolic link.
package final class ScriptDirectoryWatcher: AsyncSequence, Sendable {
  package typealias Element = Void

  private let stream: AsyncStream<Void>
  private let watch: InotifyWatch

  /// Nothing is reported when the directory cannot be watched: see ``isWatching``.
  package init(directory: String) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    watch = InotifyWatch(directory: directory, continuation: continuation)
    isWatching = watch.start()
    if !isWatching { watch.stop() }
  }

  deinit { watch.stop() }

  /// False when the system refuses to watch (no inotify instance left, or no such directory).
  package let isWatching: Bool

  package func makeAsyncIterator() -> AsyncStream<Void>.Iterator { stream.makeAsyncIterator() }
}
