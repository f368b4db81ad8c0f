import Foundation
import HTTPTransport
import Testing

@testable import KubeWatch

struct ClusterAccessTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "access-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func write(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func config(user: String, cluster: String = "", more: String = "") throws -> String {
    try write(
      "config",
      """
      apiVersion: v1
      kind: Config
      current-context: one
      contexts:
      - name: one
        context: {cluster: c, user: u, namespace: team}
      - name: two
        context: {cluster: d, user: u}
      clusters:
      - name: c
        cluster: {server: "https://c:6443/", \(cluster)}
      - name: d
        cluster: {server: "https://d", insecure-skip-tls-verify: true}
      users:
      - name: u
        user: {\(user)}
      \(more)
      """)
  }

  private func message(_ body: () throws -> ClusterAccess) -> String {
    do {
      _ = try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func theCurrentContextLeadsToServerUserAndNamespace() throws {
    let path = try config(
      user: "token: secret", cluster: "certificate-authority-data: Y2E=, tls-server-name: k")
    let access = try ClusterAccess.kubeconfig(path: path)
    #expect(access.server == "https://c:6443")
    #expect(access.namespace == "team")
    #expect(access.tls.certificateAuthority == Array("ca".utf8))
    #expect(access.tls.serverName == "k")
    #expect(access.tls.verifiesPeer)
    #expect(access.token?.current() == "secret")
    #expect(!"\(access)".contains("secret"))
  }

  @Test func anotherContextCanBeAskedFor() throws {
    let access = try ClusterAccess.kubeconfig(path: try config(user: ""), context: "two")
    #expect(access.server == "https://d")
    #expect(access.namespace == "default")
    #expect(!access.tls.verifiesPeer)
    #expect(access.token == nil)
    let error = message { try .kubeconfig(path: try config(user: ""), context: "three") }
    #expect(error.hasSuffix("has no context \"three\"; it has \"one\", \"two\""))
  }

  @Test func filesAreFoundFromTheConfigsOwnFolder() throws {
    _ = try write("client.crt", "certificate")
    _ = try write("client.key", "key")
    _ = try write("token", " secret\n")
    let path = try config(
      user: "client-certificate: client.crt, client-key: \(folder)/client.key, tokenFile: token")
    let access = try ClusterAccess.kubeconfig(path: path)
    #expect(access.tls.clientCertificate == Array("certificate".utf8))
    #expect(access.tls.clientKey == Array("key".utf8))
    #expect(access.token?.current() == "secret")
  }

  @Test(arguments: [
    ("exec: {command: aws}", "an exec plugin"), ("auth-provider: {name: gcp}", "an auth provider"),
    ("username: a, password: b", "a user name and password"),
  ])
  func whatIsNotSupportedSaysWhatToDoInstead(user: String, what: String) throws {
    let error = message { try .kubeconfig(path: try config(user: user)) }
    #expect(error.contains("logs in with \(what), which is not supported"))
    #expect(error.contains("kubectl create token"))
  }

  @Test func brokenFilesAreNamedButNotQuoted() throws {
    let path = try write("broken", "users: [token: s3cret\n  - ]:")
    #expect(
      message { try .kubeconfig(path: path) } == "\(path) is not valid YAML at line 2")
    #expect(
      message { try .kubeconfig(path: "\(folder)/none") }
        == "cannot read \(folder)/none: No such file or directory")
    let data = try config(user: "client-certificate-data: '%%%'")
    #expect(message { try .kubeconfig(path: data) }.contains("is not Base64"))
  }

  @Test func severalFilesAreReadAsOneAndTheFirstWins() throws {
    let first = try write(
      "first", "current-context: two\nclusters:\n- {name: d, cluster: {server: 'https://other'}}")
    let second = try config(user: "token: secret")
    let access = try ClusterAccess.automatic(
      kubeconfigFlag: nil, environment: ["KUBECONFIG": "\(first):\(folder)/none:\(second)"])
    #expect(access.server == "https://other")
    #expect(access.token?.current() == "secret")
  }

  @Test func aPodUsesItsServiceAccount() throws {
    _ = try write("token", "secret")
    _ = try write("ca.crt", "ca")
    _ = try write("namespace", "crossplane-system")
    let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
    let access = try ClusterAccess.inCluster(environment: environment, folder: folder)
    #expect(access.server == "https://[fd00::1]:443")
    #expect(access.namespace == "crossplane-system")
    #expect(access.tls.certificateAuthority == Array("ca".utf8))
    #expect(access.token?.current() == "secret")
    #expect(message { try .inCluster(environment: [:], folder: folder) }.contains("not in a pod"))
  }

  @Test func withoutAnythingTheErrorSaysWhatToGive() {
    let error = message {
      try .automatic(kubeconfigFlag: nil, environment: ["HOME": "\(folder)/none"])
    }
    #expect(error.contains("--kubeconfig FILE"))
  }

  @Test func aTokenFileIsReadAgainAfterAMinuteOrWhenRefused() throws {
    let path = try write("token", "old")
    let token = try BearerToken(file: path)
    let start = ContinuousClock.now
    #expect(token.current(now: start) == "old")
    _ = try write("token", "new")
    #expect(token.current(now: start.advanced(by: .seconds(59))) == "old")
    #expect(token.current(now: start.advanced(by: .seconds(60))) == "new")
    _ = try write("token", "newer")
    token.refused()
    #expect(token.current(now: start.advanced(by: .seconds(61))) == "newer")
    try FileManager.default.removeItem(atPath: path)
    #expect(token.current(now: start.advanced(by: .seconds(200))) == "newer")
  }

  @Test(arguments: [("", ""), ("Zg==", "f"), ("Zm8", "fo"), ("Zm9v\n", "foo"), ("+/+/", nil)])
  func base64IsDecoded(text: String, want: String?) {
    let bytes = Base64.decode(text)
    if let want { #expect(bytes == Array(want.utf8)) } else { #expect(bytes == [251, 255, 191]) }
  }

  @Test(arguments: ["Z", "Zg=a", "Zm9v-"])
  func whatIsNoBase64IsRefused(text: String) { #expect(Base64.decode(text) == nil) }
}
