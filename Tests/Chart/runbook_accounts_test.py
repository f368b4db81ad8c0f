"""Runbooks with the rights of the chart's accounts, and the chart's own arguments: `runbook serve` as its
Deployment starts it, and `runbook fix` as somebody with the three sets. Their rights suffice, and there
are none too many; the API server's audit log is the judge.
"""

import json
import os
import subprocess
import sys
import unittest
import urllib.error

import scenarios
from accounts import audited, kubeconfig, refused
from cluster import BINARY
from running import Client, NotSeen, Program, free_ports, wait_for
from rights_test import RULES, used

sys.path.append(os.path.join(scenarios.ROOT, "Tests", "Incidents"))

import object_incidents  # noqa: E402
import remediation_incidents  # noqa: E402
from incident import IncidentTest  # noqa: E402
from world import NAMESPACE, World  # noqa: E402

ROLES = (*RULES, "RoleBinding", "ClusterRoleBinding", "ServiceAccount")
SERVE = "provider-discord-runbooks"
TOKEN = "the-token-of-alertmanager"
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
SCHEDULED = ["disaster-recovery", "security-incident"]
ON_CALL = {"kind": "ServiceAccount", "name": "on-call", "namespace": NAMESPACE}
# A plan that the sets are not for: it makes what is gone, of every kind.
FOR_ADMINISTRATORS = "test_disaster_recovery_restore"


def message(*alerts, status="firing"):
    """What Alertmanager posts, version 4."""
    return {"version": "4", "status": status, "receiver": "runbooks", "alerts": [
        {"status": status, "labels": {"alertname": name, "severity": "warning"}, "annotations": {},
         "startsAt": "2026-11-25T15:00:00Z", "fingerprint": f"{number:016x}"}
        for number, name in enumerate(alerts)]}


def granted(objects, name):
    """Every (group, resource, verb) of the roles that are bound to a ServiceAccount."""
    bound = {(one["roleRef"]["kind"], one["roleRef"]["name"]) for one in objects
             if one["kind"].endswith("Binding") and any(
                 subject["kind"] == "ServiceAccount" and subject["name"] == name
                 for subject in one["subjects"])}
    return {(group, resource, verb)
            for role in objects if (role["kind"], role["metadata"]["name"]) in bound
            for rule in role["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"]
            for verb in rule["verbs"]}


def asked_for(events):
    """Every (group, resource, verb) that was used. The server asks for "create" by itself when what is
    applied was not there."""
    return used(events) | {
        (group, resource, "create") for event in events
        if event["verb"] == "patch" and event["responseStatus"]["code"] == 201
        for group, resource, _ in used([event])}


class RunbookAccounts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World())
        IncidentTest.world = cls.world
        cls.addClassCleanup(setattr, IncidentTest, "world", None)
        cls.audit = os.path.join(cls.world.folder, "cluster", "audit.log")

    def account(self, objects, name):
        """Puts the chart's roles in force; gives the kubeconfig of an account."""
        self.world.apply([one for one in objects if one["kind"] in ROLES])
        return kubeconfig(self.world.kubectl, NAMESPACE, name,
                          os.path.join(self.world.folder, f"{name}.kubeconfig"))

    def audited(self, name):
        return audited(self.audit, NAMESPACE, name)

    # runbook serve

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
        config = self.account(objects, SERVE)
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
        events = self.audited(SERVE)
        self.assertEqual(refused(events), [])
        self.assertNotIn("forbidden", serve.log().lower())
        # The last images, and the kinds of a backup: for people, who have the same set.
        self.assertEqual(granted(objects, SERVE) - asked_for(events), {
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
        report, done = self.fix("high-memory/set-memory-limit", "--force", config=config)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, "(?i)forbidden")
        self.assertEqual(
            self.world.kubectl.run("get", "deployment", "-n", NAMESPACE, "-o", "json"), before)

    def fix(self, *arguments, config):
        case = remediation_incidents.Remediations(FOR_ADMINISTRATORS)
        self.world.kubeconfig, admin = config, self.world.kubeconfig
        try:
            return case.fix("--yes", *arguments)
        finally:
            self.world.kubeconfig = admin

    # runbook fix

    def plans(self):
        """Every plan of every runbook, and a backup that is looked at."""
        names = unittest.TestLoader().getTestCaseNames(remediation_incidents.Remediations)
        self.assertGreater(len(names), 25)
        return [object_incidents.DisasterRecovery("test_healthy"),
                *[remediation_incidents.Remediations(name) for name in names]]

    def carried_out(self, case, config):
        """Runs another test as an account; gives its faults."""
        self.world.kubeconfig, admin = config, self.world.kubeconfig
        try:
            result = unittest.TestResult()
            case.run(result)
        finally:
            self.world.kubeconfig = admin
        self.assertEqual(result.testsRun, 1)
        return "\n".join(text for _, text in result.errors + result.failures)

    def test_the_three_sets_carry_out_every_plan_of_theirs(self):
        values = {"runbooks": {name: {"create": True, "subjects": [ON_CALL]}
                               for name in ("reader", "prober", "fixer")}}
        objects = scenarios.rendered(values)
        objects.append({"apiVersion": "v1", "kind": "ServiceAccount",
                        "metadata": {key: ON_CALL[key] for key in ("name", "namespace")}})
        config = self.account(objects, ON_CALL["name"])
        for case in self.plans():
            with self.subTest(case=case.id()):
                faults = self.carried_out(case, config)
                if case.id().endswith("." + FOR_ADMINISTRATORS):
                    self.assertRegex(faults, "403 Forbidden: .* Nothing was changed")
                else:
                    self.assertEqual(faults, "")
        # It finds this account among the readers of the token, and asks all that it has to ask.
        report, _ = self.world.run("security-incident", kubeconfig=config)
        self.assertEqual({one["id"]: one["lines"] for one in report["checks"] if one["status"] != "pass"},
                         {"SI-008": ["ServiceAccount crossplane-system/on-call, by RoleBinding "
                                     "provider-discord-runbook-fixer"]})
        self.run_through_the_server(config)
        events = self.audited(ON_CALL["name"])
        self.assertEqual([one.split("?")[0] for one in refused(events)],
                         ["patch /apis/discord.crossplane.io/v1beta1/providerconfigs/default"])
        self.assertEqual(granted(objects, ON_CALL["name"]) - asked_for(events), set(),
                         "rights without a use")


if __name__ == "__main__":
    unittest.main()
