"""What the chart renders, without a cluster."""

import json
import re
import subprocess
import unittest

import helm_python as helm
import scenarios
from cluster import BINARY


class Rendering(unittest.TestCase):
    def test_helm_finds_nothing_wrong_in_any_scenario(self):
        for name in scenarios.names():
            with self.subTest(scenario=name):
                report = helm.lint(scenarios.CHART, scenarios.values(name), strict=True,
                                   namespace=scenarios.NAMESPACE)
                self.assertEqual(report["errors"], [])
                # An icon, severity 1, is only recommended.
                self.assertEqual([one for one in report["messages"] if one["severity"] > 1], [])

    def test_every_scenario_of_the_brief_is_there(self):
        self.assertEqual(set(scenarios.names()), {
            "default", "ha", "ha-off", "monitoring", "network-policy", "restricted", "rules-configmap",
            "runbooks"})

    def test_the_schema_refuses_what_would_not_work(self):
        wrong = [
            {"replicas": 2},
            {"strategy": {"type": "RollingUpdate"}},
            {"strategy": {"type": "RollingUpdate",
                          "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}},
            {"watch": {"poll": "often"}},
            {"watch": {"maxConcurrent": 0}},
            {"leaderElection": True},
            {"leaderElection": {"enabled": True}, "replicas": 11},
            {"strategy": {"type": "OnDelete"}},
            {"statusPage": {"enabled": "yes"}},
            {"rules": {"resources": {"webhook.lua": "return 1"}}},
            {"prometheusRule": {"alerts": {"highLatency": {"seconds": 120}}}},
            {"image": {"digest": "latest"}},
            {"runbooks": {"serve": {"interval": "15m"}}},
            {"runbooks": {"serve": {"scheduled": ["high-memory"]}}},
            {"runbooks": {"serve": {"prometheus": "prometheus:9090"}}},
        ]
        with helm.Chart.load(scenarios.CHART) as chart:
            chart.validate_schema({})
            for overrides in wrong:
                with self.subTest(overrides=overrides), self.assertRaises(helm.HelmError):
                    chart.validate_schema(overrides)

    def test_two_pods_at_once_need_leader_election(self):
        surge = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
        with helm.Chart.load(scenarios.CHART) as chart:
            for overrides in ({"replicas": 2}, {"strategy": surge}):
                with self.subTest(overrides=overrides):
                    chart.validate_schema({**overrides, "leaderElection": {"enabled": True}})
                    with self.assertRaises(helm.HelmError):
                        chart.validate_schema(overrides)
        alone = scenarios.deployment(scenarios.rendered())["spec"]
        self.assertEqual((alone["replicas"], alone["strategy"]), (1, {"type": "Recreate"}))
        self.assertNotIn("--leader-election", scenarios.container(scenarios.rendered())["args"])
        several = scenarios.rendered(scenarios.values("ha"))
        deployment = scenarios.deployment(several)["spec"]
        self.assertEqual((deployment["replicas"], deployment["strategy"]), (2, surge))
        self.assertIn("--leader-election", scenarios.container(several)["args"])
        self.assertIn("podAntiAffinity", deployment["template"]["spec"]["affinity"])

    def test_the_status_page_is_off_unless_asked_for(self):
        self.assertNotIn("--status-page", scenarios.container(scenarios.rendered())["args"])
        self.assertIn("--status-page", scenarios.container(
            scenarios.rendered({"statusPage": {"enabled": True}}))["args"])

    def test_the_schema_knows_every_value(self):
        with helm.Chart.load(scenarios.CHART) as chart:
            self.assertEqual(
                set(chart.values), set(chart.schema["properties"]) - {"global"})

    def test_every_value_has_a_comment(self):
        previous = ""
        depth_of_examples = None
        for line in scenarios.text(scenarios.CHART, "values.yaml").splitlines():
            key = re.match(r"( *)([A-Za-z]+):", line)
            depth = len(key[1]) if key else None
            # What lies deeper than a commented value of Kubernetes' own shape is explained there.
            if depth_of_examples is not None and key and depth <= depth_of_examples:
                depth_of_examples = None
            if key and depth_of_examples is None:
                is_section = line.rstrip().endswith(":")
                explained = previous.lstrip().startswith("#")
                self.assertTrue(explained or is_section, line)
                if is_section and explained:
                    depth_of_examples = depth
            previous = line

    def test_names_are_those_of_the_runbooks(self):
        objects = scenarios.rendered({"credentials": {"create": True, "token": "t"}}, name="other")
        deployment = scenarios.only(objects, "Deployment", "provider-discord")
        self.assertEqual(deployment["metadata"]["namespace"], "crossplane-system")
        template = deployment["spec"]["template"]
        self.assertEqual(template["metadata"]["labels"]["app"], "provider-discord")
        container = scenarios.container(objects)
        self.assertEqual(container["name"], "provider")
        self.assertEqual([port["containerPort"] for port in container["ports"]], [8080])
        self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/healthz")
        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")
        self.assertIn("startupProbe", container)
        scenarios.only(objects, "NetworkPolicy", "provider-discord-netpol")
        secret = scenarios.only(objects, "Secret", "discord-credentials")
        self.assertEqual(list(secret["stringData"]), ["token"])

    def test_every_selector_finds_the_pods(self):
        for name in scenarios.names():
            objects = scenarios.rendered(scenarios.values(name))
            pods = [one["spec"]["template"]["metadata"]["labels"] for one in objects
                    if one["kind"] == "Deployment"]
            for one in objects:
                spec = one.get("spec", {})
                selector = spec.get("podSelector") or spec.get("selector") or {}
                wanted = selector.get("matchLabels", selector)
                found = [pod for pod in pods if wanted.items() <= pod.items()]
                with self.subTest(scenario=name, kind=one["kind"], name=one["metadata"]["name"]):
                    # All pods where it selects none at all, else those of one Deployment.
                    self.assertEqual(len(found), 1 if wanted else len(pods))

    def test_pods_pass_the_restricted_standard(self):
        for name, pod in [(name, one["spec"]["template"]["spec"]) for name in scenarios.names()
                          for one in scenarios.rendered(scenarios.values(name))
                          if one["kind"] == "Deployment"]:
            (container,) = pod["containers"]
            security = container["securityContext"]
            with self.subTest(scenario=name):
                self.assertIn("limits", container["resources"])
                self.assertIn("livenessProbe", container)
                self.assertIn("readinessProbe", container)
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertGreater(pod["securityContext"]["runAsUser"], 0)
                self.assertEqual(
                    pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertFalse(security["allowPrivilegeEscalation"])
                self.assertTrue(security["readOnlyRootFilesystem"])
                self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
                    self.assertNotIn(forbidden, pod)
                self.assertNotIn("hostPath", json.dumps(pod))

    def test_secrets_are_read_by_name_only(self):
        for name in scenarios.names():
            for role in scenarios.rendered(scenarios.values(name)):
                for rule in role.get("rules", []) if role["kind"].endswith("Role") else []:
                    with self.subTest(scenario=name, role=role["metadata"]["name"]):
                        self.assertNotIn("*", json.dumps(rule))
                        if "secrets" in rule["resources"]:
                            self.assertTrue(rule["resourceNames"])
                            self.assertEqual(role["kind"], "Role")

    def test_the_program_takes_the_arguments(self):
        for name in scenarios.names():
            arguments = scenarios.container(scenarios.rendered(scenarios.values(name)))["args"]
            done = subprocess.run([BINARY, *arguments, "--kubeconfig", "/nonexistent"],
                                  capture_output=True, text=True, timeout=30)
            with self.subTest(scenario=name):
                # 64: a wrong command line. 1: it went on and found no kubeconfig.
                self.assertEqual(done.returncode, 1, done.stderr)

    def test_the_runbooks_have_their_own_account_and_never_the_right_to_act(self):
        objects = scenarios.rendered(scenarios.values("runbooks"))
        bound = {one["roleRef"]["name"] for one in objects if one["kind"].endswith("Binding")
                 and any(who["name"] == "provider-discord-runbooks" for who in one["subjects"])}
        self.assertEqual(bound, {"provider-discord-runbooks", "provider-discord-runbook-reader",
                                 "provider-discord-runbook-prober"})
        serve = scenarios.only(objects, "Deployment", "provider-discord-runbooks")
        self.assertEqual(serve["spec"]["template"]["spec"]["serviceAccountName"],
                         "provider-discord-runbooks")
        self.assertNotIn("runbooks", json.dumps(scenarios.rendered({"statusPage": {"enabled": True}})))

    def test_a_memory_limit_decides_when_memory_is_high(self):
        def limit(overrides):
            objects = scenarios.rendered({"prometheusRule": {"create": True}, **overrides})
            rules = scenarios.only(objects, "PrometheusRule")["spec"]["groups"][0]["rules"]
            alert = next(one for one in rules if one["alert"] == "ProviderDiscordMemoryUsageHigh")
            return int(alert["expr"].split(">")[1])
        self.assertEqual(limit({}), int(256 * 1024 * 1024 * 0.8))
        self.assertEqual(limit({"resources": {"limits": {"memory": "1Gi"}}}), int(2**30 * 0.8))
        self.assertEqual(limit({"resources": {"limits": {"memory": "500M"}}}), 400_000_000)
        self.assertEqual(limit({"resources": {"limits": None}}), 209_715_200)


if __name__ == "__main__":
    unittest.main()
