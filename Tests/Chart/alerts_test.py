"""The alerts of the operational runbooks, by promtool."""

import json
import os
import subprocess
import tempfile
import unittest

import scenarios

PROMTOOL = os.environ["PROMTOOL"]
ALERTS = {
    "ProviderDiscordDown": "provider-down",
    "ProviderDiscordHighErrorRate": "high-error-rate",
    "ProviderDiscordAPIUnhealthy": "api-health",
    "ProviderDiscordHighLatency": "high-latency",
    "ProviderDiscordCircuitBreakerOpen": "circuit-breaker-open",
    "ProviderDiscordReconciliationStuck": "reconciliation-stuck",
    "ProviderDiscordMemoryUsageHigh": "high-memory",
    "ProviderDiscordRateLimitApproaching": "rate-limit",
}


def rules(overrides=None):
    """The rule groups, as a file for Prometheus has them. JSON is YAML."""
    values = {"prometheusRule": {"create": True, "runbookURL": "https://example.org/runbooks",
                                 **(overrides or {})}}
    return scenarios.only(scenarios.rendered(values), "PrometheusRule")["spec"]


def promtool(*arguments, folder):
    return subprocess.run([PROMTOOL, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=60)


class Alerts(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_promtool_takes_the_rules_of_every_scenario_that_has_some(self):
        for name in scenarios.names():
            values = scenarios.values(name)
            values.setdefault("prometheusRule", {})["create"] = True
            spec = scenarios.only(scenarios.rendered(values), "PrometheusRule")["spec"]
            self.write("rules.yaml", json.dumps(spec))
            done = promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml",
                            folder=self.folder)
            with self.subTest(scenario=name):
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("8 rules found", done.stdout)

    def test_each_alert_fires_and_stays_silent(self):
        self.write("rules.yaml", json.dumps(rules()))
        self.write("alerts.test.yaml",
                   scenarios.text(os.path.dirname(os.path.abspath(__file__)), "alerts.test.yaml"))
        done = promtool("test", "rules", "alerts.test.yaml", folder=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("SUCCESS", done.stdout)

    def test_the_eight_alerts_say_how_bad_it_is_and_what_to_do(self):
        (group,) = rules()["groups"]
        self.assertEqual([rule["alert"] for rule in group["rules"]], list(ALERTS))
        for rule in group["rules"]:
            with self.subTest(alert=rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
                self.assertTrue(rule["annotations"]["summary"])
                self.assertEqual(rule["annotations"]["runbook_url"],
                                 f"https://example.org/runbooks/{ALERTS[rule['alert']]}.md")

    def test_each_alert_can_be_switched_off_and_changed(self):
        names = ("down", "highErrorRate", "apiUnhealthy", "highLatency", "circuitBreakerOpen",
                 "reconciliationStuck", "memoryUsageHigh", "rateLimitApproaching")
        for position, name in enumerate(names):
            with self.subTest(alert=name):
                (group,) = rules({"alerts": {name: {"enabled": False}}})["groups"]
                self.assertEqual([rule["alert"] for rule in group["rules"]],
                                 [one for i, one in enumerate(ALERTS) if i != position])
                (group,) = rules({"alerts": {name: {"severity": "page", "for": "42m"}}})["groups"]
                changed = group["rules"][position]
                self.assertEqual((changed["labels"]["severity"], changed["for"]), ("page", "42m"))
        expressions = {rule["alert"]: rule["expr"] for rule in rules({"alerts": {
            "highLatency": {"seconds": 7.5}, "highErrorRate": {"ratio": 0.33},
            "rateLimitApproaching": {"invalidRequests": 4321}}})["groups"][0]["rules"]}
        self.assertIn("> 7.5", expressions["ProviderDiscordHighLatency"])
        self.assertIn("> 0.33", expressions["ProviderDiscordHighErrorRate"])
        self.assertIn("> 4321", expressions["ProviderDiscordRateLimitApproaching"])


if __name__ == "__main__":
    unittest.main()
