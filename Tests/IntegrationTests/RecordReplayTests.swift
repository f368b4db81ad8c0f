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
            "general", in: "community",
            ["name": "general", "type": 0, "topic": "talk", "position": 3]),
        ])
        try await world.allReady(2)
        try await eventually("the order of the guild is recorded", every: .milliseconds(200)) {
          try FileManager.default.contentsOfDirectory(atPath: recordings)
            .contains { $0.contains("_order-of-") }
        }
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: recordings)
        .filter { $0.hasSuffix(".run.json") }.sorted()
      let texts = try files.map {
        try String(contentsOfFile: "\(recordings)/\($0)", encoding: .utf8)
      }
      for (file, text) in zip(files, texts) {
        #expect(!text.contains(SimulatorControl.seededToken), "\(file)")
      }
      let rules = try RulesFolder()
      // The order of a guild is looked at once for all of its objects, which has a file of its own.
      for function in ["arrange", "create"] {
        let place = try #require(
          texts.firstIndex { $0.contains("\"function\":\"\(function)\"") }, "\(files)")
        try texts[place].write(
          toFile: elsewhere + "/\(function).json", atomically: true, encoding: .utf8)
        let replay = try await scripts(["replay", elsewhere + "/\(function).json"])
        #expect(replay.exitCode == 0, "\(replay.output)\(replay.errors)")
        #expect(replay.output.hasSuffix("the same result\n"), "\(replay.output)")

        // The run becomes a case, which passes as it is.
        let saved = try await scripts([
          "replay", elsewhere + "/\(function).json", "--save-case",
          rules.path + "/resources/saved_\(function)_cases.lua",
        ])
        #expect(saved.exitCode == 0, "\(saved.output)\(saved.errors)")
        let tested = try await scripts(["test", rules.path, "--filter", "saved_\(function)"])
        #expect(tested.output.hasPrefix("1 case, 1 passed, 0 failed"), "\(tested.output)")
      }

      // Another rule comes to another result, and the difference is told.
      try rules.save(
        RulesFolder.channelRule(word: "Crew: "), as: "resources/channel.lua")
      let changed = try await scripts([
        "replay", elsewhere + "/create.json", "--scripts", rules.path,
      ])
      #expect(changed.exitCode == 1)
      #expect(changed.output.contains(#"now   "Crew: talk""#), "\(changed.output)")
    }

    private func scripts(_ arguments: [String]) async throws -> CommandRun {
      try await CommandRun.run(
        Checkout.provider, ["scripts"] + arguments, timeout: .seconds(60))
    }
  }
}
