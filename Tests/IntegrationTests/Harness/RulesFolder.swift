import Foundation

/// A copy of `scripts/` that a test edits while the provider runs.
struct RulesFolder: Sendable {
  let path: String

  init() throws {
    let folder = try RunFolder.make("rules")
    path = folder + "/scripts"
    try FileManager.default.copyItem(atPath: Checkout.scripts, toPath: path)
  }

  /// Saves a file as an editor does: beside it, then in its place.
  func save(_ text: String, as file: String) throws {
    let target = path + "/" + file
    let fresh = target + ".new"
    try text.write(toFile: fresh, atomically: false, encoding: .utf8)
    guard unsafe rename(fresh, target) == 0 else {
      throw Unmendable(description: "cannot save \(target): errno \(errno)")
    }
  }

  func text(of file: String) throws -> String {
    try String(contentsOfFile: path + "/" + file, encoding: .utf8)
  }

  /// A team's own channel rule: ours, with a word before every topic.
  static func channelRule(topicPrefix: String) -> String {
    """
    local shipped = require("shipped.channel")

    local function copy(source)
      local target = {}
      for key, value in pairs(source) do target[key] = value end
      return target
    end

    -- Every channel's topic begins with the team's word.
    local function prefixed(ctx)
      local changed = copy(ctx)
      changed.spec = copy(ctx.spec)
      changed.spec.forProvider = copy(ctx.spec.forProvider)
      changed.spec.forProvider.topic = "\(topicPrefix)" .. (ctx.spec.forProvider.topic or "")
      return changed
    end

    local channel = copy(shipped)

    function channel.observe(ctx) return shipped.observe(prefixed(ctx)) end
    function channel.create(ctx) return shipped.create(prefixed(ctx)) end
    function channel.update(ctx, observed) return shipped.update(prefixed(ctx), observed) end

    return channel

    """
  }
}
