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
from cluster import BINARY
from running import Client, Program, free_ports, wait_for
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


def described():
    """Every metric of the tables in docs/. A name that begins with "_" goes on like the one before."""
    found = set()
    for document in ("operations.md", "runbook-fixes.md"):
        for row in scenarios.text(scenarios.ROOT, "docs", document).splitlines():
            names = re.findall(r"`([a-z_]+)(?:\{[a-z,_]*\})?`", row.split("|")[1]) if "|" in row else []
            for name in names:
                full = "crossplane_managed_resource" + name if name.startswith("_") else name
                if re.match("(provider_discord|controller_runtime|workqueue|rest_client|process"
                            "|leader_election|crossplane_managed_resource)_", full):
                    found.add(full)
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
            cls.save_a_rule(sandbox, os.path.join(scripts, "resources", "channel.lua"))
            cls.scrapes = [sandbox.scrape(), cls.scrape_of_replica(sandbox),
                           cls.scrape_of_runbooks(sandbox)]
        cls.scrape = cls.scrapes[0]
        cls.samples = {}
        for line in "".join(cls.scrapes).splitlines():
            sample = re.match(r"([a-zA-Z_:]+)(?:\{(.*)\})? ", line)
            if sample and not line.startswith("#"):
                labels = set(re.findall(r'(\w+)="', sample[2] or ""))
                cls.samples.setdefault(sample[1], set()).update(labels)
        # Every target has it; Prometheus makes it.
        cls.samples["up"] = set()

    @classmethod
    def save_a_rule(cls, sandbox, path):
        with open(path, "a", encoding="utf-8") as file:
            file.write("-- Another generation.\n")
        name = "provider_discord_rules_deployments_total{"
        wait_for(name, lambda: name in sandbox.scrape(), 30)

    @classmethod
    def scrape_of_replica(cls, sandbox):
        """A provider with leader election, which looks at a namespace without objects."""
        (port,) = free_ports(1)
        health = Client(f"http://127.0.0.1:{port}")
        with Program([BINARY, "run", "--kubeconfig", sandbox.kubectl.base[2], "--namespace", "default",
                      "--leader-election", "--leader-election-namespace", "default", "--listen",
                      f"127.0.0.1:{port}"], os.path.join(sandbox.folder.name, "replica.log")):
            wait_for("the replica is ready", lambda: health.answers("/readyz"), 30)
            return health.get("/metrics")["text"]

    @classmethod
    def scrape_of_runbooks(cls, sandbox):
        with sandbox.runbooks() as client:
            client.request("POST", "/api/v1/alerts", {"version": "4", "alerts": [
                {"status": "firing", "labels": {"alertname": "Unknown"}, "annotations": {},
                 "startsAt": "2026-11-25T15:00:00Z", "fingerprint": "0000000000000000"}]})
            return client.get("/metrics")["text"]

    @classmethod
    def make_everything_happen(cls, sandbox):
        """What is counted only when it happens: an answer 429, a wait, a bug in a rule."""
        # More at once than Discord's bucket for new channels holds.
        sandbox.kubectl.run("apply", "-f", "-", text="---".join(
            MORE_CHANNELS.format(number=number) for number in range(12)))
        sandbox.control.request("POST", "/faults", {
            "method": "PATCH", "count": 1,
            "fault": {"kind": "rate-limited", "scope": "user", "retryAfter": 0.1}})
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
        for number, scrape in enumerate(self.scrapes):
            done = subprocess.run([PROMTOOL, "check", "metrics"], input=scrape, text=True,
                                  capture_output=True, timeout=60)
            complaints = (done.stdout + done.stderr).strip().splitlines()
            with self.subTest(scrape=number):
                self.assertEqual(set(complaints) - {KNOWN_LINT}, set())

    def test_every_metric_is_described_and_on_the_dashboard(self):
        exposed = set(re.findall(r"^# TYPE (\S+) ", "".join(self.scrapes), re.MULTILINE))
        self.assertGreater(len(exposed), 60)
        self.assertEqual(exposed, described())
        shown = {re.sub("_(bucket|count|sum)$", "", name) for expression in expressions()
                 for name in re.findall(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{", expression)}
        self.assertEqual(exposed - shown, set())

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
                    self.assertRegex(target["expr"], r'job="\$job(-runbooks)?"')
                    for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                        self.assertIn(label, target["expr"])


if __name__ == "__main__":
    unittest.main()
