import Synchronization

/// Gives a value once.
final class Dispenser: Sendable {
  private let bytes: Mutex<[UInt8]?>

  init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

  func take() -> [UInt8]? { bytes.withLock { $0.take() } }
}
