import Foundation
import Testing

@testable import Sandbox

/// An unmodified kubectl against the server.
@Suite struct KubectlTests {
  private struct MissingKubectl: Error, CustomStringConvertible {
    let description =
      "no kubectl: put one on PATH, or into the folder that KUBEBUILDER_ASSETS names"
  }

  /// A folder of its own with a kubeconfig, and kubectl started in it.
  private struct Shell: Sendable {
    let folder: URL
    let kubectl: URL
    let server: KubeAPIServer

    init(_ server: KubeAPIServer, _ port: Int) throws {
      self.server = server
      kubectl = try Self.find()
      folder = FileManager.default.temporaryDirectory.appending(path: "kubectl-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try write("kubeconfig", server.kubeconfig(port: port))
    }

    private static func find() throws -> URL {
      let environment = ProcessInfo.processInfo.environment
      let folders =
        [environment["KUBEBUILDER_ASSETS"]].compactMap { $0 }
        + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
      for folder in folders {
        let path = "\(folder)/kubectl"
        if FileManager.default.isExecutableFile(atPath: path) { return URL(filePath: path) }
      }
      throw MissingKubectl()
    }

    func write(_ name: String, _ text: String) throws {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func start(_ arguments: [String]) throws -> (process: Process, output: Pipe) {
      let process = Process()
      process.executableURL = kubectl
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.environment = [
        "KUBECONFIG": folder.appending(path: "kubeconfig").path, "HOME": folder.path,
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "TZ": "UTC",
        "EDITOR": "sh \(folder.path)/editor.sh",
      ]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      process.standardInput = FileHandle.nullDevice
      try process.run()
      return (process, output)
    }

    /// What a process prints, as it comes.
    func lines(of output: Pipe) -> AsyncStream<String> {
      AsyncStream { continuation in
        Thread.detachNewThread {
          while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            continuation.yield(String(decoding: data, as: UTF8.self))
          }
          continuation.finish()
        }
      }
    }

    /// What kubectl prints, on both streams; it is killed after a minute.
    @discardableResult
    func callAsFunction(_ line: String, fails: Bool = false) async throws -> String {
      let (process, output) = try start(line.split(separator: " ").map(String.init))
      let guardian = Task {
        try await Task.sleep(for: .seconds(60))
        process.terminate()
      }
      defer { guardian.cancel() }
      let text = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          let data = output.fileHandleForReading.readDataToEndOfFile()
          process.waitUntilExit()
          continuation.resume(returning: String(decoding: data, as: UTF8.self))
        }
      }
      #expect((process.terminationStatus != 0) == fails, "kubectl \(line): \(text)")
      return text
    }
  }

  private static let widget = """
    apiVersion: example.org/v1
    kind: Widget
    metadata: {name: w}
    spec: {name: abc}
    """

  private func withKubectl(_ body: @Sendable (Shell) async throws -> Void) async throws {
    try await withKubeAPIServer { server, port in
      let shell = try Shell(server, port)
      defer { shell.remove() }
      try shell.write("w.yaml", Self.widget)
      try await body(shell)
    }
  }

  @Test func appliesGetsAndDeletes() async throws {
    try await withKubectl { kubectl in
      #expect(try await kubectl("apply -f w.yaml").contains("widget.example.org/w created"))
      #expect(try await kubectl("apply -f w.yaml").contains("widget.example.org/w unchanged"))
      try kubectl.write("w2.yaml", Self.widget.replacing("abc", with: "xyz"))
      #expect(try await kubectl("diff -f w2.yaml", fails: true).contains("+  name: xyz"))
      let dry = try await kubectl("apply --dry-run=server -f w2.yaml")
      #expect(dry.contains("configured (server dry run)"))
      #expect(try await kubectl("apply -f w2.yaml").contains("widget.example.org/w configured"))
      let table = try await kubectl("get wd")
      #expect(
        table.split(separator: "\n").first?.split(separator: " ") == ["NAME", "READY", "SIZE"])
      #expect(try await kubectl("get widgets -o wide").contains("EXTERNAL"))
      #expect(try await kubectl("get all").contains("widget.example.org/w"))
      #expect(try await kubectl("get widget w -o jsonpath={.spec.name}") == "xyz")
      #expect(try await kubectl("get widget w -o yaml").contains("size: 3"))
      #expect(try await kubectl("replace -f w.yaml").contains("replaced"))
      #expect(try await kubectl("delete -f w.yaml").contains("deleted"))
      #expect(
        try await kubectl("get widget w", fails: true)
          .contains(#"widgets.example.org "w" not found"#))
    }
  }

  @Test func changesInPlace() async throws {
    try await withKubectl { kubectl in
      try await kubectl("create -f w.yaml")
      try await kubectl("annotate widget w a.b/c=d")
      try await kubectl("label widget w x=y")
      try await kubectl(#"patch widget w --type merge -p {"spec":{"size":4}}"#)
      try await kubectl(
        #"patch widget w --type json -p [{"op":"add","path":"/spec/color","value":"red"}]"#)
      try kubectl.write("editor.sh", "sed -i s/abc/edited/ \"$1\"")
      #expect(try await kubectl("edit widget w").contains("edited"))
      let found = try await kubectl(
        "get widget w -o jsonpath={.metadata.annotations}{.metadata.labels.x}{.spec}")
      #expect(found.contains("\"a.b/c\":\"d\"") && found.contains("}y{"))
      #expect(found.contains("\"color\":\"red\"") && found.contains("\"name\":\"edited\""))
      #expect(found.contains("\"size\":4"))
    }
  }

  @Test func explainsDescribesAndLists() async throws {
    try await withKubectl { kubectl in
      try await kubectl("create -f w.yaml")
      #expect(try await kubectl("explain widget.spec").contains("size"))
      #expect(try await kubectl("explain secret.data").contains("base64"))
      #expect(try await kubectl("api-resources --api-group=example.org").contains("wd"))
      #expect(try await kubectl("version").contains("v1.30.0+sandbox"))
      #expect(try await kubectl("auth can-i create widgets").contains("yes"))
      #expect(try await kubectl("get roles").contains("No resources found"))
      let uid = try await kubectl("get widget w -o jsonpath={.metadata.uid}")
      try kubectl.write(
        "event.yaml",
        """
        apiVersion: v1
        kind: Event
        metadata: {name: w.1, namespace: default}
        involvedObject: {apiVersion: example.org/v1, kind: Widget, name: w, namespace: default, uid: \(uid)}
        reason: Made
        message: it was made
        type: Normal
        lastTimestamp: "2020-01-01T00:00:00Z"
        """)
      try await kubectl("create -f event.yaml")
      let described = try await kubectl("describe widget w")
      #expect(described.contains("Name:         w") && described.contains("it was made"))
      #expect(try await kubectl("get events").contains("widget/w"))
    }
  }

  @Test func refusalsNameTheField() async throws {
    try await withKubectl { kubectl in
      try kubectl.write("bad.yaml", Self.widget.replacing("name: abc", with: "name: abc, size: 99"))
      #expect(
        try await kubectl("apply -f bad.yaml", fails: true)
          .contains("spec.size: Invalid value: 99: spec.size in body should be less than"))
      try kubectl.write("odd.yaml", Self.widget.replacing("name: abc", with: "name: abc, odd: 1"))
      let odd = try await kubectl("apply -f odd.yaml", fails: true)
      #expect(odd.contains("unknown field"))
    }
  }

  @Test func appliesOnTheServer() async throws {
    try await withKubectl { kubectl in
      #expect(
        try await kubectl("apply --server-side -f w.yaml").contains("serverside-applied"))
      try kubectl.write("w2.yaml", Self.widget.replacing("abc", with: "xyz"))
      let conflict = try await kubectl(
        "apply --server-side --field-manager other -f w2.yaml", fails: true)
      #expect(conflict.contains("conflict with \"kubectl\": .spec.name"))
      try await kubectl(
        "apply --server-side --field-manager other --force-conflicts -f w2.yaml")
    }
  }

  @Test func waitsForConditionsAndDeletion() async throws {
    try await withKubectl { kubectl in
      try await kubectl("create -f w.yaml")
      #expect(
        try await kubectl("wait --for=condition=Ready widget/w --timeout=1s", fails: true)
          .contains("timed out"))
      async let waited = kubectl("wait --for=condition=Ready widget/w --timeout=30s")
      // kubectl before 1.24 cannot write a status: the controller's part is played here.
      kubectl.server.withCluster { cluster in
        _ = cluster.respond(
          to: KubeRequest(
            method: "PATCH", path: "\(ClusterFixture.widgets)/w/status",
            contentType: "application/merge-patch+json",
            body: Array(
              #"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#.utf8)),
          now: KubeTime.current())
      }
      #expect(try await waited.contains("condition met"))
      try await kubectl(#"patch widget w --type merge -p {"metadata":{"finalizers":["a.b/c"]}}"#)
      async let deleted = kubectl("delete widget w --timeout=30s")
      // Bounded: a deletion that never starts fails the test.
      for _ in 0..<50 {
        let mark = "get widget w -o jsonpath={.metadata.deletionTimestamp}"
        if try await !kubectl(mark).isEmpty { break }
      }
      try await kubectl(#"patch widget w --type merge -p {"metadata":{"finalizers":null}}"#)
      #expect(try await deleted.contains("deleted"))
    }
  }

  @Test(.timeLimit(.minutes(2))) func watchesAsThingsHappen() async throws {
    try await withKubectl { kubectl in
      try await kubectl("create -f w.yaml")
      let (process, output) = try kubectl.start(
        ["get", "widgets", "-w", "-o", "jsonpath={.spec.size};"])
      defer { process.terminate() }
      var seen = ""
      var changed = false
      for await text in kubectl.lines(of: output) {
        // What arrives together need not have been written together.
        seen += text
        if seen.contains("8;") { break }
        guard seen.contains("3;"), !changed else { continue }
        changed = true
        try await kubectl(#"patch widget w --type merge -p {"spec":{"size":8}}"#)
      }
      #expect(seen == "3;8;")
    }
  }

  @Test func makesBuiltInKinds() async throws {
    try await withKubectl { kubectl in
      try await kubectl("create namespace extra")
      try await kubectl("create secret generic s -n extra --from-literal=token=abc")
      #expect(
        try await kubectl("get secret s -n extra -o jsonpath={.data.token}{.type}")
          == "YWJjOpaque")
      try await kubectl("create configmap c -n extra --from-literal=k=v")
      try await kubectl(#"patch configmap c -n extra -p {"data":{"x":"y"}}"#)
      #expect(
        try await kubectl("get configmap c -n extra -o jsonpath={.data}")
          == #"{"k":"v","x":"y"}"#)
      try await kubectl("delete namespace extra --timeout=30s")
      #expect(try await kubectl("get secrets -A").contains("No resources found"))
    }
  }
}
