import Foundation
import Glibc
import HTTPTransport
import KubeWatch
import Testing

/// A real etcd and kube-apiserver on free ports, from the folder that `KUBEBUILDER_ASSETS` names
/// (the envtest convention; `tools/envtest.sh` provides it).
final class TestControlPlane: Sendable {
  static let token = "test-token"
  @TaskLocal static var current: TestControlPlane?

  static let assets = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"]

  let folder: String
  let server: String
  private let etcd: TestProcess
  private let apiServer: TestProcess

  /// The way in for an administrator, by token.
  var access: ClusterAccess {
    ClusterAccess(
      server: server, tls: TLSSettings(certificateAuthority: file("ca.crt")),
      token: BearerToken(Self.token))
  }

  func file(_ name: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
  }

  init() async throws {
    let assets = try #require(Self.assets)
    folder = NSTemporaryDirectory() + "control-plane-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Self.makeCertificates(folder)
    try "\(Self.token),admin,admin,system:masters\n".write(
      toFile: "\(folder)/tokens.csv", atomically: true, encoding: .utf8)

    let ports = try Self.freePorts(3)
    let client = "http://127.0.0.1:\(ports[0])"
    let peer = "http://127.0.0.1:\(ports[1])"
    etcd = try TestProcess(
      "\(assets)/etcd",
      [
        "--data-dir", "\(folder)/etcd", "--listen-client-urls", client,
        "--advertise-client-urls", client, "--listen-peer-urls", peer,
        "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=\(peer)",
        "--unsafe-no-fsync",
      ], log: "\(folder)/etcd.log")
    server = "https://127.0.0.1:\(ports[2])"
    apiServer = try TestProcess(
      "\(assets)/kube-apiserver",
      [
        "--etcd-servers=\(client)", "--bind-address=127.0.0.1", "--secure-port=\(ports[2])",
        "--advertise-address=127.0.0.1", "--service-cluster-ip-range=10.0.0.0/24",
        "--tls-cert-file=\(folder)/server.crt", "--tls-private-key-file=\(folder)/server.key",
        "--client-ca-file=\(folder)/ca.crt", "--token-auth-file=\(folder)/tokens.csv",
        "--authorization-mode=RBAC", "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=\(folder)/sa.key",
        "--service-account-signing-key-file=\(folder)/sa.key",
        "--disable-admission-plugins=ServiceAccount",
      ], log: "\(folder)/apiserver.log")
    try await waitUntilReady()
  }

  /// Kills both processes and removes their files.
  func stop() {
    apiServer.kill()
    etcd.kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func waitUntilReady() async throws {
    let transport = CurlTransport(tls: access.tls)
    let client = KubeClient(access: access, transport: transport)
    for _ in 0..<600 {
      let isReady = (try? await client.raw(method: "GET", path: "/readyz")) != nil
      let hasNamespace =
        (try? await client.get(.namespaces, ObjectKey(name: "default"))) != nil
      if isReady, hasNamespace { return await transport.shutdown() }
      if !apiServer.isRunning { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    await transport.shutdown()
    let log = String(decoding: file("apiserver.log").suffix(3000), as: UTF8.self)
    stop()
    throw ControlPlaneError(message: "kube-apiserver did not become ready: \(log)")
  }

  private static func makeCertificates(_ folder: String) throws {
    try "subjectAltName=IP:127.0.0.1".write(
      toFile: "\(folder)/san", atomically: true, encoding: .utf8)
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    let sign = "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2"
    for command in [
      "req -x509 \(key) -keyout ca.key -out ca.crt -subj /CN=test -days 2",
      "req \(key) -keyout server.key -out server.csr -subj /CN=server",
      "x509 -req -in server.csr \(sign) -out server.crt -extfile san",
      "req \(key) -keyout client.key -out client.csr -subj /O=system:masters/CN=certified",
      "x509 -req -in client.csr \(sign) -out client.crt",
      "genrsa -out sa.key 2048",
    ] {
      let process = try TestProcess(
        "/usr/bin/env", ["openssl"] + command.split(separator: " ").map(String.init),
        log: "\(folder)/openssl.log", folder: folder)
      guard process.wait() == 0 else {
        throw ControlPlaneError(message: "openssl \(command) failed: is openssl installed?")
      }
    }
  }

  /// Ports that nobody listens on, all held at once so that they differ.
  private static func freePorts(_ count: Int) throws -> [UInt16] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
      let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(socket)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let failed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(socket, $0, length) != 0 || getsockname(socket, $0, &length) != 0
        }
      }
      guard !failed else { throw ControlPlaneError(message: "no free port") }
      return UInt16(bigEndian: address.sin_port)
    }
  }
}

struct ControlPlaneError: Error {
  let message: String
}

/// A process of the test's own, ended by its id.
final class TestProcess: @unchecked Sendable {
  private let process = Process()

  init(_ path: String, _ arguments: [String], log: String, folder: String? = nil) throws {
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: log)
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// SIGKILL, because a child inherits the blocked signals of the thread that started it.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

/// Runs a suite with one control plane for all its tests.
struct ControlPlaneTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    let plane = try await TestControlPlane()
    defer { plane.stop() }
    try await TestControlPlane.$current.withValue(plane) { try await body() }
  }
}
