import Foundation
import JSONValue
import Testing

extension Integration {
  /// `provider-discord runbook` against the sandbox, with a runbook of the test's own that asks every
  /// source.
  @Suite struct RunbookCommandTests {
    private static let runbook = """
      local check = require("lib.check")
      local rb = {
        runbook = "sources", code = "SRC", title = "Sources", owner = "Tests",
        reviewed = "2026-11-25", summary = "Asks every source.",
        capabilities = { "kube.read", "metrics.read", "discord.read", "net.probe", "provider.read",
          "secret.fingerprint" },
        checks = {
          { id = "SRC-001", run = "objects", title = "objects", category = "kube" },
          { id = "SRC-002", run = "logs", title = "logs", category = "kube" },
          { id = "SRC-003", run = "usage", title = "usage", category = "kube" },
          { id = "SRC-004", run = "rights", title = "rights", category = "kube" },
          { id = "SRC-005", run = "metrics", title = "metrics", category = "provider" },
          { id = "SRC-006", run = "state", title = "state", category = "provider" },
          { id = "SRC-007", run = "discord", title = "discord", category = "discord" },
          { id = "SRC-008", run = "probes", title = "probes", category = "net" },
          { id = "SRC-009", run = "secret", title = "secret", category = "secret" },
        },
      }
      local kube = require("lib.kube")
      local function pod(ctx)
        if not ctx.target.pod then
          return nil, { kind = "unreachable", message = ctx.target.problem or "no Pod" }
        end
        return kube.get(kube.types.pods, ctx.target.namespace, ctx.target.pod)
      end
      function rb.objects(ctx)
        local deployment, err = kube.get(
          kube.types.deployments, ctx.target.namespace, ctx.target.deployment)
        if not deployment then return check.no_answer("Deployment", err) end
        local pods = kube.list("v1/pods", { namespace = ctx.target.namespace,
          labels = ctx.target.app_label })
        if deployment.status.availableReplicas ~= 1 or #pods ~= 1 or ctx.target.flavour ~= "sandbox"
        then return check.fail("not there", { cause = "objects" }) end
        return check.pass("1 of 1 available")
      end
      function rb.logs(ctx)
        local found, missing = pod(ctx)
        if not found then return check.no_answer("Pod", missing) end
        local lines, err = kube.logs(found, { match = "admin server listening" })
        if not lines then return check.no_answer("log", err) end
        if #lines ~= 1 then return check.fail(#lines .. " lines", { cause = "logs" }) end
        local _, none = kube.logs(found, { previous = true })
        if none.kind ~= "nodata" then return check.fail(none.kind, { cause = "logs.previous" }) end
        return check.pass("the log is there")
      end
      function rb.usage(ctx)
        local found, missing = pod(ctx)
        if not found then return check.no_answer("Pod", missing) end
        local usage, err = kube.usage(found)
        if not usage then return check.no_answer("usage", err) end
        if usage.memory < 1e6 then return check.fail("too little", { cause = "usage" }) end
        return check.pass("usage is there")
      end
      function rb.rights(ctx)
        local ok, err = kube.can("get", "v1/pods", ctx.target.namespace)
        if ok == nil then return check.no_answer("rights", err) end
        return check.pass("may get pods: " .. tostring(ok))
      end
      function rb.metrics()
        local metrics = require("lib.metrics")
        local memory, info = metrics.value("process_resident_memory_bytes")
        if not memory then return check.no_answer("memory", info) end
        local rate, other = metrics.rate("process_cpu_seconds_total")
        if not rate then return check.no_answer("cpu", other) end
        if other.window < 0.2 then return check.fail("no window", { cause = "window" }) end
        return check.pass("metrics from " .. info.source)
      end
      function rb.state()
        local provider = require("lib.provider")
        local state, err = provider.state()
        if not state then return check.no_answer("state", err) end
        local health = provider.health()
        if not (health.live and health.ready and #health.checks > 2 and state.version) then
          return check.fail("not ready", { cause = "health" })
        end
        return check.pass("ready, by " .. health.via)
      end
      function rb.discord()
        local reads = require("lib.discord_reads")
        local answer, err = reads.get("/users/@me")
        if not answer then return check.no_answer("discord", err) end
        local guilds = reads.get("/users/@me/guilds").body
        local snapshot, failed = reads.snapshot(guilds[1].id)
        if not snapshot then return check.no_answer("snapshot", failed) end
        local entries, missing = reads.audit(guilds[1].id, 3600)
        if not entries then return check.no_answer("audit log", missing) end
        return check.pass("Discord answers " .. answer.status)
      end
      function rb.probes(ctx)
        local probe = require("lib.probe")
        local discord = ctx.target.discord
        if not ctx.target.reachable then return check.unknown("no base URL is known") end
        for _, from in ipairs({ "cli", "provider" }) do
          for name, result in pairs({
            dns = { probe.dns(discord.host, { from = from }) },
            tcp = { probe.tcp(discord.host, discord.port, { from = from }) },
            http = { probe.http(discord.base_url .. "/gateway", { from = from }) },
          }) do
            if not result[1] then return check.no_answer(from .. " " .. name, result[2]) end
            if not result[1].ok then
              return check.fail(from .. " " .. name .. ": " .. tostring(result[1].error),
                { cause = "net." .. name })
            end
          end
        end
        local _, err = probe.tcp("elsewhere.example", 80)
        if err.kind ~= "refused" then return check.fail("open to all", { cause = "net.open" }) end
        return check.pass("every layer, from both sides")
      end
      function rb.secret(ctx)
        local print, err = require("lib.secret").fingerprint(ctx.target.secret, ctx.target.secret.key)
        if not print then return check.no_answer("Secret", err) end
        return check.pass("Secret of " .. print.length .. " bytes, " .. print.hmac8)
      end
      return rb
      """

    @Test(.timeLimit(.minutes(3))) func everySourceAnswersInTheSandbox() async throws {
      let folder = try RunFolder.make("runbooks")
      let scripts = folder + "/scripts"
      try FileManager.default.createDirectory(
        atPath: scripts + "/runbooks", withIntermediateDirectories: true)
      try Self.runbook.write(
        toFile: scripts + "/runbooks/sources.lua", atomically: false, encoding: .utf8)
      let sandbox = try await SandboxProcess(folder: folder, poll: "1s", scripts: Checkout.scripts)
      func run(_ more: [String]) async throws -> CommandRun {
        try await CommandRun.run(
          Checkout.provider,
          ["runbook", "run"] + more + ["--scripts", scripts], timeout: .seconds(60))
      }
      let at = ["--kubeconfig", sandbox.kubeconfig, "--sample", "300ms"]
      let healthy = try await run(
        ["sources", "-o", "json", "--record", folder + "/made/r.json"] + at)
      #expect(healthy.exitCode == 0, "\(healthy.output)\(healthy.errors)")
      let report = try JSONValue(parsing: healthy.output)
      #expect(report["verdict"]?.stringValue == "pass")
      let checks = report["checks"]?.arrayValue ?? []
      #expect(checks.count == 9)
      for check in checks { #expect(check["status"]?.stringValue == "pass", "\(check)") }

      let recording = try String(contentsOfFile: folder + "/made/r.json", encoding: .utf8)
      #expect(!recording.contains("sandbox-token"))
      let replay = try await CommandRun.run(
        Checkout.provider, ["runbook", "run", "--replay", folder + "/made/r.json", "-o", "json"],
        timeout: .seconds(30))
      #expect(replay.output == healthy.output)

      // With the API server hanging, the report still comes, and says so.
      let kube = LoopbackHTTP(
        base: try #require(
          String(contentsOfFile: sandbox.kubeconfig, encoding: .utf8)
            .split(separator: "\n").first { $0.contains("server:") }?
            .split(separator: " ").last.map(String.init)))
      _ = try await kube.send("POST", "/sandbox/faults", body: ["hangs": true, "seconds": 60])
      let began = ContinuousClock.now
      let hanging = try await run(["sources", "-o", "short"] + at)
      #expect(ContinuousClock.now - began < .seconds(15))
      #expect(hanging.exitCode == 5, "\(hanging.output)")
      #expect(hanging.output.contains("the API server is not reachable"))
      sandbox.process.killNow()
    }

    @Test func aWrongCommandLineIsCode2() async throws {
      for arguments in [
        ["run"], ["run", "nothing-of-this-name"], ["run", "--all", "--since", "x"],
      ] {
        let run = try await CommandRun.run(
          Checkout.provider, ["runbook"] + arguments, timeout: .seconds(30))
        #expect(run.exitCode == 2, "\(arguments): \(run.errors)")
      }
    }
  }
}
