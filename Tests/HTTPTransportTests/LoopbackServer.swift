import Glibc
import Synchronization

/// A server on a free loopback port that does with each connection what a test says. One thread for
/// each connection, blocking calls: nothing shared with the code under test.
final class LoopbackServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let counts = Mutex((connections: 0, requests: [String]()))

  var url: String { "http://127.0.0.1:\(port)" }
  var connectionCount: Int { counts.withLock { $0.connections } }
  /// The request lines seen, over all connections.
  var requestLines: [String] { counts.withLock { $0.requests } }

  init(_ serve: @escaping @Sendable (LoopbackConnection) -> Void) {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = unsafe withUnsafeMutablePointer(to: &address) { [listener] pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, length)
        listen(listener, 128)
        unsafe getsockname(listener, $0, &length)
      }
      return unsafe UInt16(bigEndian: pointer.pointee.sin_port)
    }
    spawnThread { [listener] in
      while true {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return }
        self.counts.withLock { $0.connections += 1 }
        spawnThread {
          let connection = LoopbackConnection(socket: socket) { line in
            self.counts.withLock { $0.requests.append(line) }
          }
          serve(connection)
          connection.close()
        }
      }
    }
  }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
  }
}

/// One accepted connection.
final class LoopbackConnection: Sendable {
  private let socket: Int32
  private let isOpen = Mutex(true)
  private let noteRequest: @Sendable (String) -> Void

  init(socket: Int32, noteRequest: @escaping @Sendable (String) -> Void) {
    self.socket = socket
    self.noteRequest = noteRequest
  }

  struct Request {
    var line: String
    var fields: [String]
    var body: [UInt8]
  }

  /// The next whole request; nil when the client closed.
  func readRequest() -> Request? {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard let byte = readByte() else { return nil }
      head.append(byte)
    }
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
    let line = lines.removeFirst()
    let length =
      lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
    var body: [UInt8] = []
    while body.count < length {
      guard let byte = readByte() else { return nil }
      body.append(byte)
    }
    noteRequest(line)
    return Request(line: line, fields: lines, body: body)
  }

  /// One byte; nil when the client closed.
  func readByte() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe recv(socket, &byte, 1, 0) == 1 ? byte : nil
  }

  /// False when the client is gone.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  func answer(_ status: Int, _ fields: [String] = [], _ body: String = "") {
    let head = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + fields
    write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// Ends the connection with a TCP reset.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(
      socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func close() {
    isOpen.withLock {
      if $0 { Glibc.close(socket) }
      $0 = false
    }
  }
}

/// Runs `body` on a thread of its own, so that blocking calls hold nobody else up.
func spawnThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let context = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
  unsafe pthread_create(
    &thread, nil,
    {
      if let context = unsafe $0 {
        unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
      }
      return nil
    }, context)
  pthread_detach(thread)
}

/// Waits, without blocking a thread, until something holds; false after ten seconds.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return condition()
}
