import Foundation

/// A copy of `scripts/` that a test edits while the provider runs.
struct RulesFolder: Sendable {
  let path: String

  /// - Parameter withCases: with the cases beside the rules, which a changed rule has to pass.
  init(withCases: Bool = true) throws {
    let folder = try RunFolder.make("rules")
    path = folder + "/scripts"
    try FileManager.default.copyItem(atPath: Checkout.scripts, toPath: path)
    guard !withCases else { return }
    let resources = path + "/resources"
    for file in try FileManager.default.contentsOfDirectory(atPath: resources)
    where file.hasSuffix("_cases.lua") {
      try FileManager.default.removeItem(atPath: resources + "/" + file)
    }
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

  /// The example of a team's own channel rule, with another word before every topic.
  static func channelRule(word: String) throws -> String {
    let example = try String(
      contentsOfFile: Checkout.root + "/examples/rules/channel.lua", encoding: .utf8)
    return example.replacing("\"Team: \"", with: "\"\(word)\"")
  }
}
