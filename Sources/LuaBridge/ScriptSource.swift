/// The text of one module.
package struct ScriptSource: Sendable, Hashable {
  /// The name `require` knows, such as "resources.channel".
  package var module: String
  /// Relative to the scripts' directory, such as "resources/channel.lua"; what errors show.
  package var path: String
  package var text: [UInt8]

  package init(module: String, path: String, text: [UInt8]) {
    self.module = module
    self.path = path
    self.text = text
  }

  /// The name under which a shipped module stays reachable when a directory has its own:
  /// "shipped.channel" for "resources.channel", "shipped.lib.diff" for "lib.diff".
  package var asShipped: ScriptSource {
    let prefix = "resources."
    let name = module.hasPrefix(prefix) ? String(module.dropFirst(prefix.count)) : module
    return ScriptSource(module: "shipped." + name, path: "shipped/" + path, text: text)
  }

  var isLibrary: Bool { module.hasPrefix("lib.") }

  /// Library modules, shipped ones too, receive `perform` and turn effects into functions.
  var isPrivileged: Bool { isLibrary || module.hasPrefix("shipped.lib.") }
}
