"""Every kubectl and helm command of the operational runbooks, as docs/runbooks/coverage.md quotes it, run
by a shell where the chart is installed. document_test.py looks closer at what they find.

What would change something is sent to the server as a dry run; what never ends is ended.
"""

import json
import os
import re
import subprocess
import tempfile
import unittest

import helm_python as helm
import scenarios
from cluster import Cluster, quickstart

NAMESPACE = scenarios.NAMESPACE
POD = "provider-discord-5d8f7c9b6-x2x4z"
PLACEHOLDERS = {"<provider-pod-name>": POD, "<config-name>": "default", "<node-name>": "node-1",
                "<stuck-resource>": "example", "<resource-name>": "example",
                "$NEW_BOT_TOKEN": "new", "$(date)": "now"}
CHANGING = re.compile(r"kubectl (patch|delete|set image|annotate|apply)\b|\| kubectl apply")
# The kubelet would go on from here: there is none, so that a log is empty and nothing is executed.
NO_NODE = "does not have a host assigned|pod is not running"
# By the beginning of a command: the status, and what it says. The first that fits counts.
EXPECTED = {
    "kubectl get pods -n crossplane-system -l app=provider-discord": (0, POD),
    "kubectl get pods -n kube-system": (0, "coredns"),
    "kubectl describe pod -n crossplane-system deployment/": (1, "there is no need"),
    "kubectl describe pod": (0, "provider:"),
    "kubectl logs": (0, "^$"),
    "kubectl top pod": (0, POD),
    "kubectl describe node": (0, "node-1"),
    "kubectl get events": (0, ""),
    "kubectl patch deployment": (0, "deployment.apps/provider-discord patched"),
    "kubectl set image": (0, "deployment.apps/provider-discord image updated"),
    "kubectl rollout restart": (0, "deployment.apps/provider-discord restarted"),
    "kubectl describe deployment": (0, "provider:"),
    "kubectl get providerconfig": (0, "default"),
    "kubectl describe providerconfig": (0, "discord-credentials"),
    "kubectl get secret": (0, "discord-credentials"),
    "kubectl describe secret": (0, "token:"),
    "kubectl delete pod": (0, f'pod "{POD}" .*deleted'),
    # Into the context's namespace, as it is written: see coverage.md.
    "kubectl create secret": (0, "secret/discord-credentials"),
    "kubectl exec": (1, NO_NODE),
    "kubectl port-forward": (1, NO_NODE),
    "kubectl get networkpolicy": (0, "provider-discord-netpol"),
    "kubectl delete networkpolicy": (0, "provider-discord-netpol.* deleted"),
    "kubectl describe guild": (0, "example"),
    "kubectl annotate guild": (0, "example annotated"),
    "kubectl get rolebinding": (0, "provider-discord-credentials"),
    # kubectl watches one type at a time; the others of the row are found.
    "kubectl get guilds,channels,roles -A -w": (1, "single resource type"),
    "kubectl get guilds,channels,roles -A --no-headers": (0, r"^\s*\d+$"),
    "kubectl get guilds": (0, "example"),
    "kubectl apply -f provider-config-backup.yaml": (0, "providerconfig.*/default"),
    "kubectl apply -f discord-secrets-backup.yaml": (0, "secret/discord-credentials"),
    "kubectl apply -f discord-resources-backup.yaml": (0, "guild.*/example"),
}


def commands():
    """The document's commands in its order, each once."""
    found = []
    for row in scenarios.text(scenarios.ROOT, "docs", "runbooks", "coverage.md").splitlines():
        cells = re.split(r"(?<!\\)\|", row)
        if len(cells) == 6:
            found += [one.replace("\\|", "|") for one in re.findall("`([^`]+)`", cells[2])]
    return list(dict.fromkeys(one for one in found if re.search(r"\b(kubectl|helm) ", one)))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster())
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        os.symlink(os.path.join(scenarios.ROOT, "chart"), os.path.join(cls.folder, "chart"))
        # helm install provider-discord ./chart/provider-discord
        with helm.Config(kubeconfig_path=cls.cluster.admin_file, namespace=NAMESPACE) as config:
            config.install(os.path.join(cls.folder, "chart", "provider-discord"), "provider-discord", {
                "providerConfig": {"create": True},
                "credentials": {"create": True, "token": "not-a-real-token"}})
        cls.make_what_others_make()

    @classmethod
    def make_what_others_make(cls):
        """A pod, a node, usage and DNS, and a user's objects, which name crossplane-system."""
        kubectl = cls.cluster.kubectl
        template = scenarios.deployment(scenarios.rendered())["spec"]["template"]
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": {
                   **template["spec"], "automountServiceAccountToken": False},
               "metadata": {**template["metadata"], "name": POD, "namespace": NAMESPACE}}
        others = json.loads(scenarios.text(scenarios.ROOT, "Tests", "Incidents", "objects.json"))
        usage = next(one for one in others if one["kind"] == "PodMetrics")
        usage["metadata"]["name"] = POD
        dns = next(one for one in others if one["metadata"]["name"] == "coredns-1")
        cls.cluster.apply([one for one in others if one["kind"] == "CustomResourceDefinition"])
        kubectl.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        cls.cluster.apply([pod, usage, dns, {
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}], "--validate=false")
        kubectl.run("apply", "-n", NAMESPACE, *quickstart())
        # The document names no namespace where it speaks of one guild.
        kubectl.run("config", "set-context", "--current", f"--namespace={NAMESPACE}")

    def run_in_shell(self, command):
        for placeholder, value in PLACEHOLDERS.items():
            command = command.replace(placeholder, value)
        if CHANGING.search(command):
            command += " --dry-run=server"
        # What a filter finds in an empty log is another question.
        script = f"timeout 20 {command.removeprefix('watch ')}\nexit ${{PIPESTATUS[0]}}"
        return subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True,
                              timeout=60, env={**os.environ, "KUBECONFIG": self.cluster.admin_file})

    def test_every_command_finds_what_it_names(self):
        found = commands()
        self.assertGreater(len(found), 50)
        unused = set(EXPECTED)
        for command in found:
            if command == "helm install provider-discord ./chart/provider-discord":
                continue
            with self.subTest(command=command):
                begins = next(one for one in EXPECTED if command.removeprefix("watch ").startswith(one))
                unused.discard(begins)
                status, says = EXPECTED[begins]
                done = self.run_in_shell(command)
                said = done.stdout + done.stderr
                if " > " in command:
                    said = scenarios.text(self.folder, command.split(" > ")[1])
                self.assertEqual(done.returncode, status, said)
                self.assertRegex(said.strip(), re.compile(says, re.MULTILINE))
        self.assertEqual(unused, set())


if __name__ == "__main__":
    unittest.main()
