import Engine
import Testing

@Test func aScriptWritesOneLineAndNotMoreThanItMay() {
  #expect("\(ScriptLogText("a topic", limit: 100))" == "a topic")
  let forged = ScriptLogText("fine\n2026-01-01 error forged\u{1B}[2J\u{85}\u{2028}end", limit: 100)
  #expect("\(forged)" == "fine 2026-01-01 error forged [2J  end")
  let long = ScriptLogText(String(repeating: "é", count: 1_000_000), limit: 4_096)
  #expect("\(long)" == String(repeating: "é", count: 2_048) + "…")
}
