"""`runbook serve` as the chart's Deployment starts it, with the rights of its account: they suffice, and
there are none too many; the API server's audit log is the judge. What people on call have is for
Tests/Incidents/rights.py.
"""

import json
import os
import subprocess
import sys
import unittest
import urllib.error

import scenarios
from accounts import granted, refused, used
from alerts_test import ALERTS
from cluster import BINARY
from running import Client, NotSeen, Program, free_ports, wait_for

sys.path.append(os.path.join(scenarios.ROOT, "Tests", "Incidents"))

from world import NAMESPACE, World  # noqa: E402

SERVE = "provider-discord-runbooks"
TOKEN = "the-token-of-alertmanager"
SCHEDULED = ["disaster-recovery", "security-incident"]


def message(*alerts, status="firing"):
    """What Alertmanager posts, version 4."""
    return {"version": "4", "status": status, "receiver": "runbooks", "alerts": [
        {"status": status, "labels": {"alertname": name, "severity": "warning"}, "annotations": {},
         "startsAt": "2026-11-25T15:00:00Z", "fingerprint": f"{number:016x}"}
        for number, name in enumerate(alerts)]}


class RunbookAccounts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World())

    def mounted(self, pod, objects):
        """The pod's volumes as folders here; by the path at which the pod has them."""
        secrets = {"alertmanager": {"token": TOKEN + "\n"},
                   "incidents": {"address": "http://127.0.0.1:1/api/webhooks/1/of-this-test"}}
        places = {}
        for mount in pod["containers"][0]["volumeMounts"]:
            (volume,) = [one for one in pod["volumes"] if one["name"] == mount["name"]]
            files = (secrets[volume["secret"]["secretName"]] if "secret" in volume else
                     scenarios.only(objects, "ConfigMap", volume["configMap"]["name"])["data"])
            folder = os.path.join(self.world.folder, mount["name"])
            os.makedirs(folder, exist_ok=True)
            for name, content in files.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            places[mount["mountPath"]] = folder
        return places

    def command(self, objects, port):
        """The Deployment's arguments and environment, with the addresses and the folders of this machine."""
        pod = scenarios.only(objects, "Deployment", SERVE)["spec"]["template"]["spec"]
        places = self.mounted(pod, objects)

        def here(value):
            for path, folder in places.items():
                value = value.replace(path, folder)
            return value
        addresses = {"--listen": f"127.0.0.1:{port}",
                     "--prometheus": f"http://127.0.0.1:{self.world.prometheus.port}",
                     "--provider": f"http://127.0.0.1:{self.world.provider.port}"}
        found = []
        for argument in pod["containers"][0]["args"]:
            name, _, value = argument.partition("=")
            value = addresses.pop(name, here(value))
            found.append(f"{name}={value}" if value else name)
        self.assertEqual(addresses, {}, "the chart does not give these arguments")
        environment = {one["name"]: here(one["value"]) for one in pod["containers"][0].get("env", [])}
        return [BINARY, *found], environment

    def test_serve_does_its_work_with_the_charts_arguments_and_rights(self):
        values = scenarios.values("runbooks")
        values["runbooks"]["serve"]["scheduled"] = SCHEDULED
        objects = scenarios.rendered(values)
        config = self.world.account(objects, SERVE)
        (port,) = free_ports(1)
        command, environment = self.command(objects, port)
        with Program([*command, "--kubeconfig", config], os.path.join(self.world.folder, "serve.log"),
                     environment=environment) as serve:
            client = Client(f"http://127.0.0.1:{port}", token=TOKEN)
            wait_for("it is ready", lambda: client.answers("/readyz"), 30)
            with self.assertRaises(urllib.error.HTTPError) as stranger:
                Client(client.base, token="another").request(
                    "POST", "/api/v1/alerts", message("ProviderDiscordDown"))
            self.assertEqual(stranger.exception.code, 401)
            answer = client.request("POST", "/api/v1/alerts", message(*ALERTS))
            self.assertEqual(answer["accepted"], len(ALERTS), answer)
            self.wait_for_reports(serve)
            self.check_reports()
            self.check_events(serve)
            metrics = client.get("/metrics")["text"]
            for place in ("configmap", "event"):
                published = f'provider_discord_runbook_publications_total{{to="{place}",result='
                self.assertIn(published + '"ok"} 10\n', metrics)
                self.assertNotIn(published + '"failed"}', metrics)
            self.check_a_repetition(client)
            self.assertEqual(serve.stop(), 0, serve.log()[-2000:])
        self.run_through_the_server(config)
        events = self.world.audited(SERVE)
        self.assertEqual(refused(events), [])
        self.assertNotIn("forbidden", serve.log().lower())
        # The last images, and the kinds of a backup: for people, who have the same set.
        self.assertEqual(granted(objects, SERVE) - used(events), {
            ("apps", "replicasets", "list"),
            ("apiextensions.k8s.io", "customresourcedefinitions", "get")}, "rights without a use")
        self.check_it_cannot_fix(config)

    def reports(self):
        return {one["metadata"]["name"].removeprefix("provider-discord-runbook-"): one["data"]
                for one in self.world.kubectl.items(
                    "configmaps", "-n", NAMESPACE,
                    "-l", "app.kubernetes.io/component=runbook-report")}

    def wait_for_reports(self, serve):
        def written():
            serve.require_running()
            return set(self.reports()) == {*ALERTS.values(), *SCHEDULED}
        try:
            wait_for("ten reports", written, 90)
        except NotSeen as error:
            raise NotSeen(f"{error}\n{sorted(self.reports())}\n{serve.log()[-3000:]}") from None

    def check_reports(self):
        for name, data in self.reports().items():
            trigger = "schedule" if name in SCHEDULED else "alert"
            with self.subTest(runbook=name):
                report = json.loads(data["report.json"])
                bad = {one["id"]: one["message"] for one in report["checks"]
                       if one["status"] in ("fail", "warn", "unknown")}
                # The pod has no folder with a backup.
                without_backup = bad.pop("DR-002", None)
                self.assertEqual(bool(without_backup), name == "disaster-recovery")
                # All is healthy, so whatever else is not well is a right that is missing.
                self.assertEqual(bad, {})
                verdict = "unknown" if without_backup else "pass"
                self.assertRegex(data["history"], f"^\\S+ {trigger} {verdict}\n$")

    def check_events(self, serve):
        def told():
            found = [one for one in self.world.kubectl.items("events", "-n", NAMESPACE)
                     if one["source"].get("component") == SERVE]
            self.assertLessEqual({one["involvedObject"]["kind"] for one in found}, {"Deployment"})
            return {one["message"].split()[1] for one in found} == {*ALERTS.values(), *SCHEDULED}
        wait_for("an Event for each report", told, 20)
        serve.require_running()

    def check_a_repetition(self, client):
        """The same report again is the same Event, counted."""
        again = message("ProviderDiscordRateLimitApproaching")
        again["alerts"][0]["startsAt"] = "2026-11-25T16:00:00Z"
        client.request("POST", "/api/v1/alerts", again)
        wait_for("the same Event again", lambda: any(
            one["count"] == 2 and "runbook rate-limit" in one["message"]
            for one in self.world.kubectl.items("events", "-n", NAMESPACE)), 30)

    def run_through_the_server(self, config):
        """Without an address of the provider, as with several pods, the API server's proxy is the way.
        Here it ends at the pod, whose address is nobody's."""
        done = subprocess.run(
            [BINARY, "runbook", "run", "api-health", "-o", "json", "--kubeconfig", config, "--sample",
             "200ms"], capture_output=True, text=True, timeout=90)
        self.assertNotIn("forbidden", done.stdout.lower())
        self.assertTrue(json.loads(done.stdout)["checks"])

    def check_it_cannot_fix(self, config):
        """The account acts on nothing, whatever it is told."""
        before = self.world.kubectl.run("get", "deployment", "-n", NAMESPACE, "-o", "json")
        _, done = self.world.fix("high-memory/set-memory-limit", "--yes", "--force",
                                      kubeconfig=config)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, "(?i)forbidden")
        self.assertEqual(
            self.world.kubectl.run("get", "deployment", "-n", NAMESPACE, "-o", "json"), before)


if __name__ == "__main__":
    unittest.main()
