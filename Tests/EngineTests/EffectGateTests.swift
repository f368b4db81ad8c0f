import Engine
import Testing

/// What a script may ask for is decided here alone, for production, cases and replays.
@Suite struct EffectGateTests {
  private func refusal(
    _ effect: String, _ method: String? = nil, _ path: String? = nil,
    capabilities: Set<String>, mayWrite: Bool = true
  ) -> String? {
    do throws(EffectError) {
      try EffectGate(capabilities: capabilities, mayWrite: mayWrite)
        .admit(effect, method: method, path: path)
      return nil
    } catch {
      return error.message
    }
  }

  @Test(arguments: EffectGate.reads.sorted())
  func readsNeedTheRightToRead(effect: String) {
    #expect(refusal(effect, capabilities: ["discord.read"], mayWrite: false) == nil)
    #expect(refusal(effect, capabilities: ["discord.write"])?.contains("discord.read") == true)
  }

  @Test(arguments: ["POST", "PATCH", "PUT", "DELETE", "patch", "BREW"])
  func whatIsNoGetIsAWrite(method: String) {
    let all: Set = ["discord.read", "discord.write"]
    #expect(refusal("discord.request", method, "/channels/1", capabilities: all) == nil)
    #expect(
      refusal("discord.request", method, "/channels/1", capabilities: ["discord.read"])?
        .contains("discord.write") == true)
    // `observe` and `find` only read, whatever the rule may do.
    #expect(
      refusal("discord.request", method, "/channels/1", capabilities: all, mayWrite: false)?
        .hasSuffix("this function may only read") == true)
  }

  @Test func aGetNeedsTheRightToReadOnly() {
    for method in ["GET", "get"] {
      #expect(
        refusal("discord.request", method, "/x", capabilities: ["discord.read"], mayWrite: false)
          == nil)
      #expect(refusal("discord.request", method, "/x", capabilities: []) != nil)
    }
  }

  @Test func whatDoesNotExistIsRefusedAndALogNeedsNothing() {
    let all: Set = ["discord.read", "discord.write"]
    #expect(refusal("log", capabilities: []) == nil)
    #expect(refusal("discord.token", capabilities: all) == "there is no such effect")
    #expect(refusal("discord.request", nil, "/x", capabilities: all) != nil)
    #expect(refusal("discord.request", "GET", nil, capabilities: all) != nil)
  }
}
