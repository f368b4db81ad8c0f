"""Alerts and dashboard against what a running provider really exposes."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import scenarios
from alerts_test import PROMTOOL, rules
from running import wait_for
from sandbox import Sandbox

# Labels that Prometheus adds to what it scrapes, and that Grafana and the rules make themselves.
TARGET_LABELS = {"job", "pod", "le"}
# The name is fixed by the operational runbooks, although it is no counter.
KNOWN_LINT = 'provider_discord_resources_total non-counter metrics should not have "_total" suffix'
BROKEN_ROLE = """
local shipped = require("shipped.role")
local role = {}
for key, value in pairs(shipped) do
  role[key] = value
end
function role.observe(ctx)
  if ctx.spec.forProvider.name == "Broken" then
    error("broken on purpose")
  end
  return shipped.observe(ctx)
end
return role
"""
BROKEN_OBJECT = """
apiVersion: role.discord.crossplane.io/v1alpha1
kind: Role
metadata:
  name: broken
spec:
  forProvider:
    guildIdRef:
      name: example
    name: Broken
"""
MORE_CHANNELS = """
apiVersion: channel.discord.crossplane.io/v1alpha1
kind: Channel
metadata:
  name: more-{number}
spec:
  forProvider:
    guildIdRef:
      name: example
    name: more-{number}
"""


def dashboard():
    data = scenarios.only(scenarios.rendered({"dashboard": {"create": True}}), "ConfigMap")["data"]
    return json.loads(data["provider-discord.json"])


def expressions():
    """Every query of the alerts and of the dashboard."""
    found = [rule["expr"] for rule in rules()["groups"][0]["rules"]]
    found += [target["expr"].replace("$job", "provider-discord")
              for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return found


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        scripts = os.path.join(folder, "scripts")
        shutil.copytree(os.path.join(scenarios.ROOT, "scripts"), scripts)
        with open(os.path.join(scripts, "resources", "role.lua"), "w", encoding="utf-8") as file:
            file.write(BROKEN_ROLE)
        with Sandbox(scripts) as sandbox:
            sandbox.apply_quickstart()
            cls.make_everything_happen(sandbox)
            cls.scrape = sandbox.scrape()
        cls.samples = {}
        for line in cls.scrape.splitlines():
            sample = re.match(r"([a-zA-Z_:]+)(?:\{(.*)\})? ", line)
            if sample and not line.startswith("#"):
                labels = set(re.findall(r'(\w+)="', sample[2] or ""))
                cls.samples.setdefault(sample[1], set()).update(labels)
        # Every target has it; Prometheus makes it.
        cls.samples["up"] = set()

    @classmethod
    def make_everything_happen(cls, sandbox):
        """What is counted only when it happens: an answer 429, a wait, a bug in a rule."""
        # More at once than Discord's bucket for new channels holds.
        sandbox.kubectl.run("apply", "-f", "-", text="---".join(
            MORE_CHANNELS.format(number=number) for number in range(12)))
        sandbox.control.request("POST", "/faults", {
            "method": "PATCH", "count": 1,
            "fault": {"kind": "rate-limited", "scope": "user", "retry_after": 0.1}})
        sandbox.kubectl.run(
            "patch", "channels.channel.discord.crossplane.io/general", "--type=merge",
            "-p", '{"spec":{"forProvider":{"rateLimitPerUser":9}}}')
        sandbox.kubectl.run("apply", "-f", "-", text=BROKEN_OBJECT)
        for name in ("provider_discord_rate_limiter_wait_seconds_count ",
                     "provider_discord_rate_limited_total{",
                     "provider_discord_script_failures_total{",
                     "controller_runtime_reconcile_errors_total{"):
            wait_for(name, lambda name=name: name in sandbox.scrape(), 30)

    def test_promtool_takes_the_metrics(self):
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=self.scrape, text=True,
                              capture_output=True, timeout=60)
        complaints = (done.stdout + done.stderr).strip().splitlines()
        self.assertEqual(complaints, [KNOWN_LINT])

    def test_every_metric_and_label_of_a_query_is_exposed(self):
        checked = 0
        for expression in expressions():
            with self.subTest(expression=expression):
                selectors = re.findall(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}", expression)
                self.assertTrue(selectors)
                labels = set(TARGET_LABELS)
                for name, matchers in selectors:
                    self.assertIn(name, self.samples)
                    labels |= self.samples[name]
                    wanted = set(re.findall(r"(\w+)\s*[=!]", matchers))
                    self.assertLessEqual(wanted - TARGET_LABELS, self.samples[name])
                    checked += 1
                for grouping in re.findall(r"by \(([^)]*)\)", expression):
                    self.assertLessEqual({one.strip() for one in grouping.split(",")}, labels)
        self.assertGreater(checked, 40)

    def test_the_largest_bucket_is_above_every_threshold(self):
        bounds = [float(one) for one in re.findall(
            r'provider_discord_api_duration_seconds_bucket\{.*le="([0-9.]+)"', self.scrape)]
        self.assertEqual(max(bounds), 60)

    def test_prometheus_understands_every_query_of_the_dashboard(self):
        records = [{"record": f"panel:{number}", "expr": expression}
                   for number, expression in enumerate(expressions())]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "queries.yaml")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"groups": [{"name": "queries", "rules": records}]}, file)
            done = subprocess.run([PROMTOOL, "check", "rules", path], capture_output=True,
                                  text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_dashboard_is_whole(self):
        board = dashboard()
        panels = [one for one in board["panels"] if one["type"] != "row"]
        self.assertEqual(len({one["id"] for one in board["panels"]}), len(board["panels"]))
        for panel in panels:
            with self.subTest(panel=panel["title"]):
                self.assertTrue(panel["description"])
                self.assertTrue(panel["targets"])
                self.assertLessEqual(panel["gridPos"]["x"] + panel["gridPos"]["w"], 24)
                for target in panel["targets"]:
                    self.assertIn('job="$job"', target["expr"])
                    for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                        self.assertIn(label, target["expr"])


if __name__ == "__main__":
    unittest.main()
