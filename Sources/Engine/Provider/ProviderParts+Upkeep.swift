import KubeWatch
import Logging

extension ProviderParts {
  /// Gives signs of life for `/healthz` every five seconds.
  func beat() async {
    while !Task.isCancelled {
      let work = pool.inspect(limit: 0)
      let hasWork = leadership.isLeading && work.waiting.values.contains { $0 > 0 }
      liveness.beat(ended: work.ended, hasWork: hasWork)
      guard (try? await time.sleep(.seconds(5))) != nil else { return }
    }
  }

  /// Says every five minutes what memory is used for.
  func reportMemory() async {
    while !Task.isCancelled {
      let objects = reflectors.reduce(0) { $0 + $1.store.count }
      let stored = reflectors.reduce(0) { $0 + $1.store.byteCount }
      let reads = connections.all().reduce(0) { $0 + $1.reads.byteCount }
      logger.info(
        "memory in use",
        metadata: [
          "memory.resident": "\(Int64(ProcessFacts.residentBytes() ?? 0))",
          "memory.store": "\(stored)", "memory.discord": "\(reads)", "objects": "\(objects)",
        ])
      guard (try? await time.sleep(.seconds(300))) != nil else { return }
    }
  }
}
