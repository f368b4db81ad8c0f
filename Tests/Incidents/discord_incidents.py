"""Incidents of High Error Rate, API Health, High Latency, Circuit Breaker Open and Rate Limit."""

import time

from incident import IncidentTest, healthy
from running import Client, free_ports, wait_for
from standin import DURATION_BUCKETS, OPERATIONS, WAIT_BUCKETS, SecureServer, StatusPage
from world import CONFIGS, CORE, POLICIES, SECRET, ago, managed

POLICY = f"{POLICIES}/provider-discord-netpol"
REFUSED = {"ok": False, "ms": 3, "error": "refused"}
TIMEOUT = {"ok": False, "ms": 3000, "error": "timeout"}
ONLY_DNS = {"spec": {"egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}}


class DiscordIncident(IncidentTest):
    def failing(self, status, step=40):
        """A share of the requests ends with this status."""
        self.world.provider.counter(OPERATIONS, 0, step, resource_type="channel",
                                    operation="observe", status=status)

    def limited(self, scope, step=50):
        self.world.provider.counter("provider_discord_rate_limited_total", 0, step, scope=scope)

    def discord_at(self, url):
        self.world.patch(f"{CONFIGS}/default", {"spec": {"baseURL": url}})

    def outage(self, status=503):
        """Discord answers every request with an error of its own."""
        self.world.fault({"kind": "status-before-commit", "status": status})
        self.world.provider.probes["http"] = {"ok": False, "ms": 5, "status": status}


class HighErrorRate(DiscordIncident):
    runbook = "high-error-rate"
    test_healthy = healthy(runbook)

    def test_token_revoked(self):
        self.world.revoke_token()
        self.failing("client_error")
        self.expect("auth.401", code=6, plan="replace-token", victims=["HER-002", "HER-003"],
                    calls=["Security Team", "Platform Team"])

    def test_token_refused_by_the_provider_alone(self):
        self.world.provider.state["discord"][0]["tokenRefused"] = True
        self.expect("auth.401", code=6)

    def test_secret_without_the_key(self):
        self.world.patch(SECRET, {"data": {"token": None, "tokne": "eA=="}})
        self.expect("secret.key_missing", plan="replace-token")

    def test_secret_with_a_newline(self):
        self.world.patch(SECRET, {"stringData": {"token": "not a token\n"}})
        self.expect("secret.malformed", plan="replace-token")

    def test_permission_missing(self):
        self.world.remember_discord()
        self.world.control.request("PUT", f"/guilds/{self.world.guild}/bot-permissions", {
            "bot": self.world.bot, "permissions": "1024"})
        self.failing("client_error")
        report = self.expect("permission.missing", code=6, victims=["HER-002", "HER-003"])
        self.assertIn("MANAGE_CHANNELS, MANAGE_ROLES", report["rootCause"]["message"])

    def test_bot_thrown_out(self):
        self.world.remember_discord()
        self.world.as_owner("DELETE", f"/guilds/{self.world.guild}/members/{self.world.bot}", None)
        self.expect("guild.not_member")

    def test_429_storm(self):
        self.failing("rate_limited")
        self.limited("user")
        self.expect("rate_limit.429", code=6, victims=["HER-002", "HER-003"],
                    calls=["Platform Team"])

    def test_discord_fails(self):
        self.outage()
        self.failing("server_error")
        self.expect("discord.5xx", code=6, victims=["HER-002", "HER-003"])

    def test_network_errors(self):
        self.failing("network_error")
        self.world.provider.probes["http"] = TIMEOUT
        self.expect("net.gateway", code=6, victims=["HER-002", "HER-003"])

    def test_egress_closed(self):
        self.world.patch(POLICY, ONLY_DNS)
        self.failing("network_error")
        self.world.provider.probes["http"] = TIMEOUT
        self.expect("egress.blocked", code=6, plan="allow-egress",
                    victims=["HER-002", "HER-003", "HER-008"])

    def test_a_few_fail(self):
        self.world.provider.counter(OPERATIONS, 0, 90, resource_type="role", operation="observe",
                                    status="success")
        self.failing("server_error", 10)
        self.expect("discord.5xx", victims=["HER-002"])

    def test_refusals_of_which_nothing_else_shows(self):
        self.failing("client_error")
        self.expect("auth.4xx", code=6, victims=["HER-002"])

    def test_network_errors_of_which_nothing_else_shows(self):
        self.failing("network_error")
        self.expect("net.errors", code=6, victims=["HER-002"])

    def test_failures_of_an_unknown_kind(self):
        self.failing("interrupted")
        self.expect("requests.failing", code=6)

    def test_an_object_reports_a_problem(self):
        self.world.patch(managed("channel") + "/general", {"status": {"conditions": [
            {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": "no",
             "lastTransitionTime": ago(60), "observedGeneration": 1},
            {"type": "Ready", "status": "True", "reason": "Available",
             "lastTransitionTime": ago(60), "observedGeneration": 1}]}}, status=True)
        self.expect("resource.failing", verdict="warn")

    def test_errors_in_the_log(self):
        self.world.kubelet.lines.append('{"level":"error","message":"no"}')
        self.expect("log.errors", verdict="warn")

    def test_shared_429_is_no_alarm(self):
        self.limited("shared", 400)
        self.assertEqual(self.report()[0]["verdict"], "pass")


class APIHealth(DiscordIncident):
    runbook = "api-health"
    test_healthy = healthy(runbook)

    def test_name_does_not_resolve(self):
        self.discord_at("https://discord.invalid/api/v10")
        self.world.provider.probes["dns"] = {"ok": False, "ms": 9, "error": "dns"}
        self.expect("net.dns", code=6, calls=["Platform Team"])

    def by_name(self):
        self.discord_at(self.world.discord_url.replace("127.0.0.1", "localhost"))

    def test_name_does_not_resolve_in_the_cluster(self):
        self.by_name()
        self.world.provider.probes["dns"] = {"ok": False, "ms": 9, "error": "dns"}
        report = self.expect("net.dns", code=6)
        self.assertIn("the cluster's network", report["rootCause"]["message"])

    def test_cluster_dns_is_down(self):
        self.by_name()
        self.world.provider.probes["dns"] = {"ok": False, "ms": 9, "error": "dns"}
        self.world.patch(f"{CORE}/namespaces/kube-system/pods/coredns-1", {"status": {
            "conditions": [{"type": "Ready", "status": "False"}]}}, status=True)
        self.expect("dns.cluster_down", code=6, victims=["AH-004"])

    def test_one_of_two_cluster_dns_is_down(self):
        first = self.world.kube.get(f"{CORE}/namespaces/kube-system/pods/coredns-1")
        metadata = {"name": "coredns-2", "labels": first["metadata"]["labels"]}
        self.world.create(f"{CORE}/namespaces/kube-system/pods", {
            "metadata": metadata, "spec": {"containers": [{"name": "coredns", "image": "coredns"}]}},
            {"conditions": [{"type": "Ready", "status": "False"}]})
        self.expect("dns.cluster_degraded", verdict="warn")

    def test_connections_blocked_in_the_cluster(self):
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        report = self.expect("net.tcp", code=6)
        self.assertIn("the cluster's network", report["rootCause"]["message"])

    def test_nothing_listens(self):
        self.discord_at(f"http://127.0.0.1:{free_ports(1)[0]}/api/v10")
        self.world.provider.probes.update(tcp=REFUSED, http=REFUSED)
        self.expect("net.tcp", code=6)

    def test_egress_closed(self):
        self.world.patch(POLICY, ONLY_DNS)
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        self.expect("egress.blocked", code=6, plan="allow-egress", victims=["AH-005"])

    def secure(self, days):
        server = SecureServer(self.world.folder, days)
        self.addCleanup(server.stop)
        self.world.patch(POLICY, {"spec": {"egress": [{}]}})
        self.discord_at(f"https://127.0.0.1:{server.port}/api/v10")
        return server.certificate

    def bad_certificate(self, days, **seen):
        """The provider sees it as we do."""
        self.secure(days)
        self.world.provider.probes.update(
            http={"ok": False, "ms": 9, "error": "tls"}, tls={"ok": False, "ms": 9, **seen})

    def test_certificate_expired(self):
        self.bad_certificate(-1, error="expired", not_after=ago(86400), issuer="CN=x")
        self.expect("net.tls_expired", code=6, calls=["Security Team"])

    def test_certificate_not_trusted(self):
        self.bad_certificate(30, error="self-signed", not_after="2099-01-01T00:00:00Z",
                             issuer="CN=proxy")
        self.expect("net.tls_untrusted", code=6, calls=["Security Team"])

    def test_certificate_expires_soon(self):
        """A real one of five days, which this machine trusts."""
        file = self.secure(5)
        report = self.expect("net.tls_expiring", verdict="warn", calls=["Security Team"],
                             environment={"SSL_CERT_FILE": file})
        self.assertRegex(report["rootCause"]["message"], "expires in (4d 23h|5d)")

    def status_page(self, indicator):
        page = StatusPage(indicator)
        self.addCleanup(page.stop)
        return self.values("values: {statusPage: "
                           f"'http://127.0.0.1:{page.port}/api/v2/status.json'}}\n")

    def test_discord_reports_an_incident(self):
        report = self.expect("discord.incident", *self.status_page("major"), verdict="warn")
        self.assertIn("major outage", report["rootCause"]["message"])

    def test_discord_reports_none(self):
        report, code = self.report(*self.status_page("none"))
        self.assertEqual(code, 0, report)
        page = next(one for one in report["checks"] if one["id"] == "AH-011")
        self.assertEqual(page["status"], "pass")

    def test_gateway_down(self):
        self.outage(502)
        self.expect("discord.5xx", code=6)

    def test_token_revoked(self):
        self.world.revoke_token()
        self.expect("auth.401", code=6, plan="replace-token")

    def test_not_ready(self):
        self.world.provider.failed_checks["cache/channels"] = "not listed yet"
        self.expect("provider.not_ready")

    def test_provider_dead(self):
        self.world.provider.is_up = False
        self.expect("provider.unreachable")


class HighLatency(DiscordIncident):
    runbook = "high-latency"
    test_healthy = healthy(runbook)

    def slow(self, seconds):
        self.world.provider.histogram("provider_discord_api_duration_seconds", DURATION_BUCKETS,
                                      seconds, 40, operation="observe")

    def test_discord_is_slow(self):
        self.slow(20)
        self.world.control.request("PUT", "/latency", {"milliseconds": 2500})
        self.world.provider.probes["http"] = {"ok": True, "ms": 2600, "status": 200}
        self.expect("latency.discord", code=6, victims=["HL-002"], plan="wait",
                    calls=["Platform Team"])

    def test_cluster_network_is_slow(self):
        self.slow(5)
        self.world.provider.probes["http"] = {"ok": True, "ms": 3500, "status": 200}
        self.expect("latency.network", victims=["HL-002"])

    def test_only_this_machine_is_far_away(self):
        self.world.control.request("PUT", "/latency", {"milliseconds": 2500})
        self.expect("latency.here", verdict="warn")

    def test_waits_for_limits(self):
        self.world.provider.histogram("provider_discord_rate_limiter_wait_seconds", WAIT_BUCKETS,
                                      5, 40)
        self.expect("latency.limiter")

    def test_cpu_used_up(self):
        self.slow(5)
        self.world.provider.counter("process_cpu_seconds_total", 10, 0.6)
        self.expect("cpu.saturated", victims=["HL-002"], plan="set-cpu-limit")

    def test_cpu_throttled(self):
        self.slow(5)
        self.world.prometheus.answers["throttled_periods"] = 0.6
        self.expect("cpu.throttled", *self.with_prometheus(), victims=["HL-002"],
                    plan="set-cpu-limit")

    def test_memory_pressure(self):
        self.slow(5)
        self.world.provider.gauge("process_resident_memory_bytes", 250 << 20)
        self.expect("memory.pressure", victims=["HL-002"], plan="set-memory-limit")

    def test_node_under_pressure(self):
        self.slow(5)
        self.world.patch("/api/v1/nodes/node-1", {"status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "PIDPressure", "status": "True"}]}},
            status=True)
        self.expect("node.pid_pressure", code=6, victims=["HL-002"])

    def test_slow_for_no_other_reason(self):
        self.slow(60)
        self.expect("latency.high", code=6, calls=["Platform Team"])


class CircuitBreakerOpen(DiscordIncident):
    runbook = "circuit-breaker-open"
    test_healthy = healthy(runbook)

    def open(self, seconds, *kinds):
        breakers = self.world.provider.state["discord"][0]["breakers"]
        for kind in kinds:
            self.world.provider.breaker(kind, "open")
            breakers.append({"resourceType": kind, "state": "open", "openedAt": ago(seconds)})

    def test_one_is_open(self):
        self.open(30, "guild")
        self.expect("breaker.open", verdict="warn", plan="try-breaker")

    def test_the_log_tells_of_one(self):
        self.world.kubelet.lines.append('{"level":"warning","message":"circuit of role is open"}')
        self.expect("log.breaker", verdict="warn")

    def test_two_are_open(self):
        self.open(30, "guild", "role")
        self.expect("breaker.several_open", verdict="warn", calls=["Platform Team"])

    def test_it_does_not_recover(self):
        self.open(600, "channel")
        self.expect("breaker.not_recovering", code=6, calls=["SRE Team"])

    def test_it_does_not_recover_as_prometheus_remembers(self):
        self.world.provider.breaker("channel", "open")
        now = int(time.time())
        self.world.prometheus.answers['state="closed"'] = (
            {"resource_type": "channel"},
            [(now - 900, 1), (now - 600, 0), (now - 300, 0), (now, 0)])
        self.expect("breaker.not_recovering", *self.with_prometheus(), code=6)

    def test_discord_fails(self):
        self.open(600, "channel")
        self.outage()
        self.failing("server_error")
        self.expect("discord.5xx", code=6, victims=["CB-002", "CB-004"])

    def test_network_errors_hold_it_open(self):
        self.open(600, "channel")
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        self.failing("network_error")
        self.expect("net.tcp", code=6, victims=["CB-002", "CB-004"])

    def test_token_revoked(self):
        self.open(600, "channel")
        self.world.revoke_token()
        self.expect("auth.401", code=6, victims=["CB-002"])

    def test_a_real_provider_with_a_failing_discord(self):
        """The breaker of a real provider opens, and so it says itself."""
        for kind, name in (("guild", "team"), ("role", "moderator"), ("channel", "general")):
            self.world.keep_status(f"{managed(kind)}/{name}")
        port, program = self.world.start_provider("provider-with-breaker")
        self.world.undo.append(program.stop)
        self.outage()

        def is_open():
            program.require_running()
            lines = Client(f"http://127.0.0.1:{port}").get("/metrics")["text"].splitlines()
            return any("circuit_breaker_state" in line and 'state="open"' in line
                       and line.endswith(" 1") for line in lines)
        wait_for("a breaker is open", is_open, 30)
        report = self.expect("discord.5xx", code=6, provider=f"http://127.0.0.1:{port}")
        breakers = next(one for one in report["checks"] if one["id"] == "CB-002")
        self.assertEqual(breakers["status"], "warn")


class RateLimit(DiscordIncident):
    runbook = "rate-limit"
    test_healthy = healthy(runbook)

    def requests(self, step):
        self.world.provider.counter(OPERATIONS, 0, step, resource_type="role",
                                    operation="observe", status="success")

    def invalid(self, count):
        self.world.provider.gauge("provider_discord_invalid_requests", count)

    def test_more_than_45_a_second(self):
        self.requests(120)
        report = self.expect("rate_limit.global", plan="poll-less")
        talkers = next(one for one in report["checks"] if one["id"] == "RL-008")
        self.assertIn("role observe", talkers["message"])

    def test_a_quarter_of_a_ban(self):
        self.invalid(2500)
        self.expect("rate_limit.invalid_requests", verdict="warn")

    def test_half_of_a_ban(self):
        self.invalid(5000)
        self.expect("rate_limit.invalid_requests", code=6, calls=["Platform Team"])

    def test_429_storm(self):
        self.limited("global")
        self.expect("rate_limit.429")

    def test_shared_429_is_no_alarm(self):
        self.limited("shared", 400)
        self.assertEqual(self.report()[0]["verdict"], "pass")

    def test_the_log_tells_of_limits(self):
        self.world.kubelet.lines.append('{"level":"warning","message":"rate limit of a bucket"}')
        self.expect("log.rate_limit", verdict="warn")

    def test_in_three_of_five_windows(self):
        now = int(time.time())
        self.world.prometheus.answers["rate_limited_total.*shared"] = [
            (now - 1200, 3), (now - 900, 0), (now - 600, 2), (now - 300, 0), (now, 5)]
        self.expect("rate_limit.sustained", *self.with_prometheus(), code=6,
                    calls=["Development Team"], plan="poll-less")

    def test_a_bucket_is_empty(self):
        self.world.provider.state["discord"][0]["buckets"].append({
            "bucket": "#a", "major": "900", "limit": 5, "remaining": 0, "waiting": 12,
            "blockedForSeconds": None, "resetInSeconds": 40})
        self.expect("rate_limit.bucket", verdict="warn")

    def test_service_is_degraded(self):
        self.world.provider.histogram("provider_discord_rate_limiter_wait_seconds", WAIT_BUCKETS,
                                      5, 40)
        self.expect("rate_limit.degraded", verdict="warn", calls=["Platform Team"])
