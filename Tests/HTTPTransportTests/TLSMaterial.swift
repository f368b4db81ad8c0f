import Foundation
import Testing

/// An authority and certificates of a server and a client, in a temporary folder.
final class TLSMaterial {
  let folder: String

  init(host: String = "IP:127.0.0.1") throws {
    folder = NSTemporaryDirectory() + "tls-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try openssl(
      ["req", "-x509"] + key
        + ["-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority", "-days", "2"])
    try "subjectAltName=\(host)".write(toFile: path("san"), atomically: true, encoding: .utf8)
    for (name, subject) in [("server", "/CN=server"), ("client", "/CN=test-client")] {
      try openssl(
        ["req"] + key + ["-keyout", "\(name).key", "-out", "\(name).csr", "-subj", subject])
      try openssl([
        "x509", "-req", "-in", "\(name).csr", "-CA", "ca.crt", "-CAkey", "ca.key",
        "-CAcreateserial", "-out", "\(name).crt", "-days", "2", "-extfile", "san",
      ])
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func bytes(_ name: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: path(name)) ?? Data())
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(
      process.terminationStatus == 0, "openssl \(arguments) failed: is openssl installed?")
  }
}
