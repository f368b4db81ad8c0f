"""Runbooks of a team from a ConfigMap, mounted as the kubelet mounts it, in a running `runbook serve`."""

import json
import os
import subprocess
import tempfile
import unittest

import helm_python as helm
import scenarios
from cluster import BINARY, folder_mount
from running import Client, Program, free_ports, wait_for
from sandbox import Sandbox

SERVE = "provider-discord-runbooks"
REPORT = "provider-discord-runbook-on-call"
ON_CALL = """
local check = require("lib.check")
local team = require("lib.team")

return {
  runbook = "on-call",
  code = "ONC",
  title = "On call",
  alerts = { "TeamAlert" },
  owner = "Team",
  reviewed = "2026-11-25",
  timeout = 20,
  summary = "Ours.",
  symptoms = {},
  capabilities = {},
  rights = {},
  thresholds = { word = { default = 1, unit = "words", text = "ours" } },
  checks = { { id = "ONC-001", run = "look", title = "a look", category = "team" } },
  look = function(ctx)
    return check.warn(team.word .. " " .. ctx.thresholds.word, { cause = "team.word" })
  end,
}
"""


def values(word):
    return {
        "runbooks": {"scripts": {"on_call.lua": ON_CALL}, "serve": {
            "enabled": True, "values": {"thresholds": {"on-call": {"word": 7}}}}},
        "rules": {"lib": {"team.lua": f'return {{ word = "{word}" }}'}}}


def pod(objects, name=SERVE):
    return scenarios.only(objects, "Deployment", name)["spec"]["template"]["spec"]


def volume(objects, name):
    (found,) = [one for one in pod(objects)["volumes"] if one["name"] == name]
    return found["configMap"]


def mount_path(objects, name):
    (found,) = [one for one in pod(objects)["containers"][0]["volumeMounts"]
                if one["name"] == name]
    return found["mountPath"]


class RunbookScripts(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.scripts = os.path.join(self.folder, "scripts")
        self.sandbox = self.enterContext(Sandbox(os.path.join(scenarios.ROOT, "scripts")))

    def mount(self, overrides, version):
        """Lays out what the pod would see; gives its environment with our paths."""
        objects = scenarios.rendered(overrides)
        places = {}
        for name in ("scripts", "values"):
            chosen = volume(objects, name)
            config_map = scenarios.only(objects, "ConfigMap", chosen["name"])
            places[name] = os.path.join(self.folder, name)
            folder_mount(config_map, chosen["items"], places[name], version)
        environment = {}
        for one in pod(objects)["containers"][0]["env"]:
            for name, place in places.items():
                mounted = mount_path(objects, name)
                if one["value"].startswith(mounted):
                    environment[one["name"]] = place + one["value"].removeprefix(mounted)
        self.assertEqual(len(environment), 2)
        return environment

    def command(self, *arguments):
        kubeconfig = os.path.join(self.sandbox.folder.name, "kubeconfig")
        return [BINARY, "runbook", *arguments, "--kubeconfig", kubeconfig, "--provider",
                self.sandbox.health.base]

    def alert(self, number):
        Client(f"http://127.0.0.1:{self.port}").request("POST", "/api/v1/alerts", {
            "version": "4", "groupKey": "team", "status": "firing", "receiver": "runbooks",
            "alerts": [{"status": "firing", "labels": {"alertname": "TeamAlert"},
                        "annotations": {}, "startsAt": f"2026-01-01T00:00:0{number}Z",
                        "endsAt": "0001-01-01T00:00:00Z", "fingerprint": f"team{number}"}]})

    def message(self):
        items = self.sandbox.kubectl.items("configmaps", "-n", scenarios.NAMESPACE)
        report = next((one["data"] for one in items if one["metadata"]["name"] == REPORT), None)
        return report and json.loads(report["report.json"])["checks"][0]["message"]

    def test_a_changed_config_map_is_live_without_a_restart(self):
        environment = {**os.environ, **self.mount(values("one"), "first")}
        done = subprocess.run(self.command("run", "on-call", "-o", "json"), env=environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(json.loads(done.stdout)["checks"][0]["message"], "one 7")

        (self.port,) = free_ports(1)
        serve = Program(
            self.command("serve", "--listen", f"127.0.0.1:{self.port}"),
            os.path.join(self.folder, "serve.log"), environment=environment)
        self.addCleanup(serve.stop)
        wait_for("serve listens", lambda: "waiting for alerts" in serve.log(), 30)
        self.alert(1)
        wait_for("the report", lambda: self.message() == "one 7", 20)

        self.mount(values("two"), "second")
        wait_for("the reload", lambda: "runbooks reloaded" in serve.log(), 20)
        self.alert(2)
        wait_for("the changed report", lambda: self.message() == "two 7", 20)

        broken = values("three")
        broken["rules"]["lib"]["team.lua"] += " this is no Lua"
        self.mount(broken, "third")
        wait_for("the refusal", lambda: "the last good ones stay" in serve.log(), 20)
        self.assertIn("lib/team.lua:", serve.log())
        self.mount(values("four"), "fourth")
        wait_for("the next reload", lambda: serve.log().count("runbooks reloaded") == 2, 20)
        self.alert(3)
        wait_for("the last report", lambda: self.message() == "four 7", 20)


class RunbookConfigMap(unittest.TestCase):
    def test_a_config_map_of_ones_own_is_the_folder_of_runbooks(self):
        objects = scenarios.rendered({"runbooks": {
            "existingConfigMap": "team-runbooks", "serve": {"enabled": True}}})
        self.assertEqual(volume(objects, "scripts"), {"name": "team-runbooks"})
        scripts = {one["name"]: one["value"] for one in pod(objects)["containers"][0]["env"]}
        self.assertEqual(mount_path(objects, "scripts"),
                         scripts["PROVIDER_DISCORD_SCRIPTS"] + "/runbooks")

    def test_without_runbooks_of_ones_own_there_is_no_folder(self):
        objects = scenarios.rendered({"runbooks": {"serve": {"enabled": True}},
                                      "rules": {"lib": {"team.lua": "return {}"}}})
        names = [one["name"] for one in pod(objects)["containers"][0]["env"]]
        self.assertEqual(names, ["PROVIDER_DISCORD_VALUES"])
        self.assertEqual([one["name"] for one in pod(objects)["volumes"]], ["values"])
        self.assertEqual(list(scenarios.only(objects, "ConfigMap", SERVE)["data"]), ["values.yaml"])

    def test_the_runbooks_know_what_the_release_is_called(self):
        objects = scenarios.rendered({
            "name": "discord-eu", "leaderElection": {"enabled": True},
            "serviceMonitor": {"create": True},
            "runbooks": {"serve": {"enabled": True, "values": {
                "contacts": {"SRE Team": "sre@example.org"}}}}}, namespace="discord")
        config_map = scenarios.only(objects, "ConfigMap", "discord-eu-runbooks")
        known = helm.values_from_yaml(config_map["data"]["values.yaml"])
        self.assertEqual(known["contacts"], {"SRE Team": "sre@example.org"})
        target = known["target"]
        deployment = scenarios.only(objects, "Deployment", target["deployment"])
        self.assertEqual(deployment["metadata"]["namespace"], target["namespace"])
        key, value = target["appLabel"].split("=")
        self.assertEqual(deployment["spec"]["template"]["metadata"]["labels"][key], value)
        scenarios.only(objects, "NetworkPolicy", target["networkPolicy"])
        self.assertIn(f"--leader-election-name={target['lease']}",
                      deployment["spec"]["template"]["spec"]["containers"][0]["args"])
        monitor = scenarios.only(objects, "ServiceMonitor", "discord-eu")["spec"]
        service = scenarios.only(objects, "Service", "discord-eu")
        self.assertEqual(service["metadata"]["labels"][monitor["jobLabel"]],
                         known["values"]["prometheusJob"])

    def test_names_that_are_given_win(self):
        objects = scenarios.rendered({"runbooks": {"serve": {"enabled": True, "values": {
            "target": {"deployment": "another"}}}}})
        text = scenarios.only(objects, "ConfigMap", SERVE)["data"]["values.yaml"]
        target = helm.values_from_yaml(text)["target"]
        self.assertEqual((target["deployment"], target["lease"]), ("another", "provider-discord"))


if __name__ == "__main__":
    unittest.main()
