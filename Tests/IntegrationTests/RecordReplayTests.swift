import Foundation
import JSONValue
import Testing

extension Integration {
  /// `run --record`, `scripts replay` and `--save-case`, end to end.
  @Suite struct RecordReplayTests {
    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func aRecordingComesToTheSameResultElsewhereAndHasNoSecret(_ server: Server) async throws {
      let recordings = try RunFolder.make("recordings")
      let elsewhere = try RunFolder.make("elsewhere")
      try await World.run(on: server, World.Options(extra: ["--record", recordings])) { world in
        try await world.kubectl.apply([
          world.manifests.guild("community"),
          world.manifests.channel(
            "general", in: "community", ["name": "general", "type": 0, "topic": "talk"]),
        ])
        try await world.allReady(2)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: recordings)
        .filter { $0.hasSuffix(".run.json") }.sorted()
      let texts = try files.map {
        try String(contentsOfFile: "\(recordings)/\($0)", encoding: .utf8)
      }
      for (file, text) in zip(files, texts) {
        #expect(!text.contains(SimulatorControl.seededToken), "\(file)")
      }
      let created = try #require(texts.firstIndex { $0.contains(#""function":"create""#) })
      let copy = elsewhere + "/" + files[created]
      try texts[created].write(toFile: copy, atomically: true, encoding: .utf8)

      let replay = try await scripts(["replay", copy])
      #expect(replay.exitCode == 0, "\(replay.output)\(replay.errors)")
      #expect(replay.output.hasSuffix("the same result\n"), "\(replay.output)")

      // The run becomes a case, which passes as it is.
      let rules = try RulesFolder()
      let saved = try await scripts([
        "replay", copy, "--save-case", rules.path + "/resources/saved_cases.lua",
      ])
      #expect(saved.exitCode == 0, "\(saved.output)\(saved.errors)")
      let tested = try await scripts(["test", rules.path, "--filter", "saved_cases"])
      #expect(tested.output.hasPrefix("1 case, 1 passed, 0 failed"), "\(tested.output)")

      // Another rule comes to another result, and the difference is told.
      try rules.save(
        RulesFolder.channelRule(word: "Crew: "), as: "resources/channel.lua")
      let changed = try await scripts(["replay", copy, "--scripts", rules.path])
      #expect(changed.exitCode == 1)
      #expect(changed.output.contains(#"now   "Crew: talk""#), "\(changed.output)")
    }

    private func scripts(_ arguments: [String]) async throws -> CommandRun {
      try await CommandRun.run(
        Checkout.provider, ["scripts"] + arguments, timeout: .seconds(60))
    }
  }
}
