import ServiceLifecycle

/// Says something once its services are up, and then stays until the group stops.
struct Announcement: Service {
  let announce: @Sendable () async throws -> Void

  init(_ announce: @escaping @Sendable () async throws -> Void) {
    self.announce = announce
  }

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await announce()
      try? await gracefulShutdown()
    }
  }
}
