package import NIOCore

/// Runs tasks on one event loop's thread. A server whose tasks run where its sockets are read
/// hands nothing from thread to thread, which is most of what a small request costs.
package final class EventLoopTaskExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  /// An executor on this loop, which must outlive every task that runs on it.
  package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute {
      unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
