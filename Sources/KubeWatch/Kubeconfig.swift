import HTTPTransport
import Yams

/// The parts of one or more kubeconfig files that lead to a cluster.
///
/// Of several files, as in `$KUBECONFIG`, the first to name something wins, like in kubectl.
struct Kubeconfig {
  /// An entry of `clusters`, `users` or `contexts`, with the folder that its relative paths start
  /// from.
  private struct Entry {
    let name: String
    let content: Node
    let folder: String

    func text(_ key: String) -> String? {
      guard let text = content[key]?.scalar?.string, !text.isEmpty else { return nil }
      return text
    }

    func flag(_ key: String) -> Bool { content[key]?.bool ?? false }

    /// The bytes in `KEY-data`, or those of the file that `KEY` names.
    func material(_ key: String) throws(AccessError) -> [UInt8]? {
      if let data = text("\(key)-data") {
        guard let bytes = Base64.decode(data) else {
          throw AccessError("\(key)-data of \"\(name)\" in the kubeconfig is not Base64")
        }
        return bytes
      }
      return try text(key).map { path throws(AccessError) in
        try FileBytes.read(resolved(path))
      }
    }

    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
  }

  private var currentContext: String?
  private var entries: [String: [Entry]] = [:]
  private let files: [String]

  init(files: [String]) throws(AccessError) {
    self.files = files
    for file in files {
      let text = String(decoding: try FileBytes.read(file), as: UTF8.self)
      let root: Node?
      do {
        // All that is read is text and one flag. To find out what else a scalar could be, Yams has
        // regular expressions: Foundation's, which bring 2 MiB of ICU into memory.
        root = try Yams.compose(yaml: text, .basic)
      } catch {
        // The parser's own message quotes the line, which may hold a token.
        throw AccessError("\(file) is not valid YAML\(Self.place(of: error))")
      }
      guard let root, root.mapping != nil else {
        throw AccessError("\(file) holds no kubeconfig")
      }
      let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
      for (list, member) in [("clusters", "cluster"), ("users", "user"), ("contexts", "context")] {
        for node in root[list]?.sequence.map(Array.init) ?? [] {
          guard let name = node["name"]?.scalar?.string, let content = node[member] else {
            continue
          }
          entries[list, default: []].append(
            Entry(name: name, content: content, folder: folder))
        }
      }
      if currentContext == nil, let name = root["current-context"]?.scalar?.string,
        !name.isEmpty
      {
        currentContext = name
      }
    }
  }

  func access(context requested: String?) throws(AccessError) -> ClusterAccess {
    guard let contextName = requested ?? currentContext else {
      throw AccessError("\(source) names no current-context: give --context NAME")
    }
    let context = try entry(contextName, in: "contexts", as: "context")
    guard let clusterName = context.text("cluster") else {
      throw AccessError("the context \"\(contextName)\" in \(source) names no cluster")
    }
    let cluster = try entry(clusterName, in: "clusters", as: "cluster")
    guard let server = cluster.text("server") else {
      throw AccessError("the cluster \"\(clusterName)\" in \(source) has no server")
    }
    if cluster.text("proxy-url") != nil {
      throw AccessError(
        "proxy-url of the cluster \"\(clusterName)\" is not supported: set HTTPS_PROXY instead")
    }
    var tls = TLSSettings(
      certificateAuthority: try cluster.material("certificate-authority"),
      verifiesPeer: !cluster.flag("insecure-skip-tls-verify"),
      serverName: cluster.text("tls-server-name"))
    var token: BearerToken?
    if let userName = context.text("user") {
      let user = try entry(userName, in: "users", as: "user")
      try refuseUnsupported(user)
      tls.clientCertificate = try user.material("client-certificate")
      tls.clientKey = try user.material("client-key")
      if let file = user.text("tokenFile") {
        token = try BearerToken(file: user.resolved(file))
      } else {
        token = user.text("token").map { BearerToken($0) }
      }
    }
    return ClusterAccess(
      server: server, tls: tls, token: token,
      namespace: context.text("namespace") ?? "default", context: contextName)
  }

  private func refuseUnsupported(_ user: Entry) throws(AccessError) {
    let instead =
      "make a token instead (kubectl create token SERVICEACCOUNT) and put it under"
      + " users[].user.token, or use a client certificate"
    for (key, what) in [
      ("exec", "an exec plugin"), ("auth-provider", "an auth provider"),
      ("username", "a user name and password"),
    ] where user.content[key] != nil {
      throw AccessError(
        "the user \"\(user.name)\" in \(source) logs in with \(what), which is not supported:"
          + " \(instead)")
    }
  }

  private func entry(
    _ name: String, in list: String, as what: String
  ) throws(AccessError) -> Entry {
    let all = entries[list] ?? []
    guard let entry = all.first(where: { $0.name == name }) else {
      let names = all.map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw AccessError(
        "\(source) has no \(what) \"\(name)\"\(names.isEmpty ? "" : "; it has \(names)")")
    }
    return entry
  }

  private static func place(of error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, _, let mark, _), YamlError.parser(_, _, let mark, _),
      YamlError.composer(_, _, let mark, _):
      " at line \(mark.line)"
    default: ""
    }
  }

  private var source: String { files.joined(separator: ", ") }
}
