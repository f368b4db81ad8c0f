"""A real Prometheus scrapes a running provider: what the alerts and the dashboard then find.

Health first, for a minute: no alert, and for the right reason, which is that the series of its query
are there. Then illness, and each query has to find it.
"""

import os
import re
import unittest

import scenarios
from alerts_test import ALERTS, rules
from metrics_test import dashboard
from prometheus import Prometheus
from running import NotSeen, wait_for
from sandbox import Sandbox

SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
# What a healthy provider has no series for: nothing of the kind has happened yet.
ONLY_WHEN_IT_HAPPENS = {
    "provider_discord_rate_limited_total", "provider_discord_script_failures_total",
    "controller_runtime_reconcile_errors_total", "provider_discord_rate_limiter_wait_seconds_bucket",
    # No script was saved, no alert was sent, and there is one provider.
    "provider_discord_rules_deployments_total", "provider_discord_runbook_alerts_total",
    "leader_election_master_status",
}
OPERATIONS = 'provider_discord_api_operations_total{job="provider-discord"'
RESOURCES = 'provider_discord_resources_total{job="provider-discord"'
# Why each alert is silent in health: what its query looks at, and between which values it lies. Each
# has to have a value.
HEALTHY = {
    "ProviderDiscordDown": [('sum(up{job="provider-discord"})', 1, 1)],
    "ProviderDiscordHighErrorRate": [
        (f'sum(increase({OPERATIONS}}}[5m]))', 20, 10_000),
        (f'sum(rate({OPERATIONS},status!="success"}}[5m])) or vector(0)', 0, 0)],
    "ProviderDiscordAPIUnhealthy": [
        ('sum(crossplane_managed_resource_exists{job="provider-discord"})', 8, 8),
        (f'sum(increase({OPERATIONS},status="success"}}[1m]))', 20, 10_000)],
    "ProviderDiscordHighLatency": [
        ("histogram_quantile(0.95, sum by (operation, le) (rate(provider_discord_api_duration_seconds"
         '_bucket{job="provider-discord",operation="observe"}[5m])))', 0.000_1, 1)],
    "ProviderDiscordCircuitBreakerOpen": [
        ('count(provider_discord_circuit_breaker_state{job="provider-discord",state="open"})', 3, 10),
        ('max(max_over_time(provider_discord_circuit_breaker_state{job="provider-discord",'
         'state="open"}[3m]))', 0, 0)],
    "ProviderDiscordReconciliationStuck": [
        (f'sum({RESOURCES},ready="True",synced="True"}})', 8, 8), (f'sum({RESOURCES}}})', 8, 8),
        ('sum(crossplane_managed_resource_exists{job="provider-discord"})', 8, 8),
        ('sum(increase(controller_runtime_reconcile_total{job="provider-discord"}[1m]))', 8, 10_000)],
    "ProviderDiscordMemoryUsageHigh": [
        ('max(process_resident_memory_bytes{job="provider-discord"})', 8 << 20, 200 << 20)],
    "ProviderDiscordRateLimitApproaching": [
        (f'sum(rate({OPERATIONS}}}[2m]))', 0.1, 30),
        ('sum(provider_discord_rate_limited_total{job="provider-discord"}) or vector(0)', 0, 0),
        ('max(provider_discord_invalid_requests{job="provider-discord"})', 0, 0)],
}
# Short windows and low thresholds, so that each illness shows within seconds.
SICK = {
    "resources": {"limits": {"memory": "16Mi"}},
    "prometheusRule": {"create": True, "alerts": {
        "apiUnhealthy": {"window": "15s"}, "highLatency": {"seconds": 0.4},
        "circuitBreakerOpen": {"window": "30s"}, "rateLimitApproaching": {"rateLimited": 2}}},
}
STUCK = """
apiVersion: channel.discord.crossplane.io/v1alpha1
kind: Channel
metadata:
  name: stuck
spec:
  forProvider:
    guildIdRef:
      name: nobody
    name: stuck
"""


def expressions(groups):
    return {rule["alert"]: rule["expr"] for rule in groups["groups"][0]["rules"]}


def sick_rules():
    return scenarios.only(scenarios.rendered(SICK), "PrometheusRule")["spec"]


class Scraping(unittest.TestCase):
    def setUp(self):
        self.sandbox = self.enterContext(Sandbox(os.path.join(scenarios.ROOT, "scripts")))
        self.sandbox.apply_quickstart()
        self.prometheus = self.enterContext(
            Prometheus(self.sandbox.health.base.removeprefix("http://"), rules(),
                       self.enterContext(self.sandbox.runbooks()).base.removeprefix("http://")))

    def test_a_minute_of_health_and_then_every_illness(self):
        wait_for("a minute of scrapes", self.minute, 90)
        self.check_health()
        self.check_dashboard()
        found = expressions(sick_rules())
        self.assertEqual(set(found), set(ALERTS))
        for alert in self.fall_ill(found):
            found.pop(alert)
        self.assertEqual(list(found), ["ProviderDiscordDown"])
        self.sandbox.program.stop()
        self.seen("ProviderDiscordDown", found["ProviderDiscordDown"])

    def minute(self):
        self.sandbox.program.require_running()
        count = self.prometheus.query('count_over_time(up{job="provider-discord"}[5m])')
        return count and count[0][1] >= 60

    def check_health(self):
        self.assertEqual(
            self.prometheus.query('min_over_time(up{job="provider-discord"}[1m])')[0][1], 1)
        self.assertEqual(self.prometheus.alerts(), set())
        for alert, expression in expressions(rules()).items():
            with self.subTest(alert=alert):
                self.assertEqual(self.prometheus.query(expression), [])
                # The right reason: all that it looks at has values, and they are good.
                looked_at = {name for query, *_ in HEALTHY[alert]
                             for name, _ in SELECTOR.findall(query)}
                self.assertEqual({name for name, _ in SELECTOR.findall(expression)}, looked_at)
                for query, least, most in HEALTHY[alert]:
                    ((_, value),) = self.prometheus.query(query)
                    self.assertTrue(least <= value <= most, f"{query}: {value}")

    def check_dashboard(self):
        shown = 0
        for panel in dashboard()["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$job", "provider-discord")
                expression = expression.replace("$__rate_interval", "1m")
                with self.subTest(panel=panel["title"], expression=expression):
                    # An expression that Prometheus does not take is an error 400.
                    samples = self.prometheus.query(expression)
                    names = {name for name, _ in SELECTOR.findall(expression)}
                    if not names & ONLY_WHEN_IT_HAPPENS and not re.search('[!=]~?"', re.sub(
                            r'job="[^"]*"', "", expression)):
                        self.assertTrue(samples, "nothing in health")
                    shown += bool(samples)
        self.assertGreater(shown, 60)

    def fall_ill(self, found):
        """One illness after the other; gives the alerts whose query has found its own."""
        faults = self.sandbox.control
        yield self.seen("ProviderDiscordMemoryUsageHigh", found["ProviderDiscordMemoryUsageHigh"])
        self.sandbox.kubectl.run("apply", "-f", "-", text=STUCK)
        yield self.seen(
            "ProviderDiscordReconciliationStuck", found["ProviderDiscordReconciliationStuck"])
        faults.request("POST", "/faults", {
            "count": 6, "fault": {"kind": "rate-limited", "scope": "user", "retryAfter": 0.05}})
        yield self.seen(
            "ProviderDiscordRateLimitApproaching", found["ProviderDiscordRateLimitApproaching"])
        faults.request("DELETE", "/faults")
        faults.request("POST", "/faults", {"fault": {"kind": "latency", "milliseconds": 600}})
        yield self.seen("ProviderDiscordHighLatency", found["ProviderDiscordHighLatency"])
        faults.request("DELETE", "/faults")
        faults.request("POST", "/faults", {
            "fault": {"kind": "status-before-commit", "status": 503}})
        for alert in ("ProviderDiscordHighErrorRate", "ProviderDiscordCircuitBreakerOpen",
                      "ProviderDiscordAPIUnhealthy"):
            yield self.seen(alert, found[alert])

    def seen(self, alert, expression):
        try:
            wait_for(alert, lambda: self.prometheus.query(expression), 60)
        except NotSeen as error:
            values = {name: self.prometheus.query(name + '{job="provider-discord"}')
                      for name, _ in SELECTOR.findall(expression)}
            raise NotSeen(f"{error}\n{expression}\n{values}") from None
        return alert


if __name__ == "__main__":
    unittest.main()
