import Foundation
import JSONValue
import Testing

extension Integration {
  /// What probes and dashboards read.
  @Suite struct EndpointTests {
    @Test(.timeLimit(.minutes(3)))
    func healthAndMetricsHaveTheirFixedNames() async throws {
      try await World.run { world in
        _ = try await MainJobTests.readyChannel(world)
        #expect(try await world.http.send("GET", "/healthz").status == 200)
        let alive = try await world.http.send("GET", "/healthz?verbose").text
        #expect(alive == "[+]tasks ok\n[+]workers ok\nok\n")
        #expect(try await world.http.send("GET", "/readyz").status == 200)
        let verbose = try await world.http.send("GET", "/readyz?verbose").text
        #expect(
          verbose.contains("[+]discord/invalid-requests (0 of 10000 in 10 minutes, normal) ok\n"))
        #expect(verbose.contains("[+]discord/circuit-breakers (all closed) ok\n"))
        let metrics = try await world.http.send("GET", "/metrics")
        #expect(metrics.status == 200)
        #expect(world.log.contains("memory in use"))
        for name in [
          "provider_discord_api_operations_total{", "provider_discord_api_duration_seconds_bucket{",
          "provider_discord_circuit_breaker_state{", "provider_discord_resources_total",
          "process_resident_memory_bytes", "workqueue_adds_total{",
          "workqueue_queue_duration_seconds_bucket{", "rest_client_requests_total{code=\"200\"",
          "crossplane_managed_resource_first_time_to_readiness_seconds_count{",
          "provider_discord_rate_limit_reset_seconds{", "provider_discord_watch_silence_seconds{",
          "provider_discord_store_objects{",
          // Before the first of its kind: rate() needs a zero to start from.
          "provider_discord_api_operations_total"
            + "{resource_type=\"role\",operation=\"delete\",status=\"server_error\"} 0\n",
        ] {
          #expect(metrics.text.contains("\n\(name)"), "no \(name) in /metrics")
        }
        let promtool = ProcessInfo.processInfo.environment["PROMTOOL"] ?? "promtool"
        let check = try await CommandRun.run(
          promtool, ["check", "metrics"], input: metrics.text, timeout: .seconds(30))
        // Existing dashboards fixed this gauge's name, which by Prometheus's rules is a counter's.
        let complaints = (check.errors + check.output).split(separator: "\n").filter {
          !$0.hasPrefix("provider_discord_resources_total ")
        }
        #expect(complaints == [])
      }
    }

    /// The status page and the runbooks read these fields.
    @Test(.timeLimit(.minutes(3)))
    func debugStateTellsWhatRunbooksRead() async throws {
      try await World.run { world in
        _ = try await MainJobTests.readyChannel(world)
        let answer = try await world.http.send("GET", "/debug/state")
        #expect(answer.status == 200)
        let state = try JSONValue(parsing: answer.text)
        for path in [
          ["rules", "generation"], ["rules", "kinds"], ["queue", "waiting", "change"],
          ["queue", "oldestSeconds"], ["objects", "byCondition"], ["objects", "stuck"],
          ["objects", "running"], ["watches"], ["ready"], ["startedAt"],
        ] {
          #expect(state.value(at: path) != nil, "no \(path.joined(separator: "."))")
        }
        let slowest = state.value(at: "objects", "slowest")?.arrayValue ?? []
        #expect(slowest.contains { $0["kind"]?.stringValue == "Channel" }, "\(answer.text)")
        let watches = state["watches"]?.arrayValue ?? []
        #expect(watches.count == 4)
        #expect(watches.allSatisfy { $0["synced"]?.boolValue == true })
        let discord = try #require(state["discord"]?.arrayValue?.first)
        let bucket = try #require(discord["buckets"]?.arrayValue?.first)
        #expect(bucket["bucket"]?.stringValue != nil && bucket["inFlight"]?.integerValue != nil)
        let breaker = try #require(discord["breakers"]?.arrayValue?.first)
        #expect(breaker["state"]?.stringValue == "closed")
        #expect(breaker["openedAt"] == .null)
        #expect(!answer.text.contains(SimulatorControl.seededToken))
      }
    }

    @Test(arguments: [
      [], ["run"], ["sandbox"], ["discord-sim"], ["scripts"], ["scripts", "check"],
    ])
    func everyHelpHasAnExample(_ command: [String]) async throws {
      let run = try await CommandRun.run(
        Checkout.provider, command + ["--help"], timeout: .seconds(30))
      #expect(run.exitCode == 0)
      #expect(run.output.contains("EXAMPLE"), "\(run.output)")
      #expect(run.output.contains("provider-discord \(command.joined(separator: " "))"))
    }
  }
}
