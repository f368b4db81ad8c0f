import Foundation

/// The built program, which lies beside the tests.
enum Program {
  struct Outcome: Sendable {
    let status: Int32
    let output: String
    let error: String
  }

  /// Runs it in the checkout, to its end.
  static func run(_ arguments: [String]) async throws -> Outcome {
    let process = Process()
    process.executableURL = try folder().appendingPathComponent("provider-discord")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: ShippedScripts.checkout)
    let name = NSTemporaryDirectory() + "output-" + UUID().uuidString
    // Files, because a pipe that nobody empties would stop the program.
    let files = [name + ".out", name + ".err"]
    for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files[0]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files[1]))
    process.standardInput = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        done.resume(throwing: error)
      }
    }
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOfFile: files[0], encoding: .utf8),
      error: try String(contentsOfFile: files[1], encoding: .utf8))
  }

  private static func folder() throws -> URL {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let own = URL(fileURLWithPath: executable).deletingLastPathComponent()
    // `swift test` runs the tests by a program of its own and names their bundle.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
      .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    return [bundle, own].compactMap(\.self).first {
      FileManager.default.isExecutableFile(atPath: $0.path + "/provider-discord")
    } ?? own
  }
}
