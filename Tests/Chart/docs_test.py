"""The shell commands of the operators' documents, run as they are written there, in the order of a
provider's life: install, look, rotate the token, upgrade, uninstall.

The API server and kubectl are real, and a provider runs beside them with the rights that Helm installed.
Helm is its SDK behind the command's name. There is no kubelet and no controller, so what waits for a pod
is left out of the commands by a kubectl in front of the real one.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

import helm_python as helm
import scenarios
from cluster import BINARY, Cluster, Simulator, quickstart
from rights_test import GENERAL, KINDS
from running import SEEDED_TOKEN, Client, NotSeen, Program, free_ports, is_ready, wait_for

NAMESPACE = scenarios.NAMESPACE
DOCUMENTS = ("install", "configure", "upgrade", "uninstall", "multi-tenant", "high-availability",
             "security", "troubleshooting", "migration-from-go")
# What has no counterpart here, by the beginning of a line: Crossplane's command and kinds.
NOT_HERE = ("make package", "kubectl patch providerrevisions.pkg.crossplane.io")
KUBECTL = """#!/usr/bin/env bash
# Nothing runs the Deployment's pods.
case " $* " in
  *" rollout status "*) exec "$KUBECTL" get "${@: -1}" -n crossplane-system ;;
  *" port-forward "*) exit 0 ;;
esac
exec "$KUBECTL" "$@"
"""
HELM = """#!{python}
# The part of Helm's command that the documents use, by Helm's SDK.
import argparse, os, helm_python as helm
parser = argparse.ArgumentParser()
parser.add_argument("verb", choices=["install", "upgrade", "uninstall", "rollback"])
parser.add_argument("name")
parser.add_argument("chart", nargs="?")
parser.add_argument("-n", "--namespace", required=True)
parser.add_argument("--set", action="append", default=[])
for flag in ("--create-namespace", "--skip-crds", "--reset-then-reuse-values"):
    parser.add_argument(flag, action="store_true")
said = parser.parse_args()
values = {{}}
for one in said.set:
    path, value = one.split("=", 1)
    if path == "credentials.secrets[0].name":
        values["credentials"] = {{"secrets": [{{"name": value}}]}}
    else:
        section, key = path.split(".")
        values.setdefault(section, {{}})[key] = value
with helm.Config(kubeconfig_path=os.environ["KUBECONFIG"], namespace=said.namespace) as config:
    if said.verb == "install":
        config.install(said.chart, said.name, values, create_namespace=said.create_namespace)
    elif said.verb == "upgrade":
        config.upgrade(said.chart, said.name, values, reuse_values=said.reset_then_reuse_values)
    else:
        getattr(config, said.verb)(said.name)
"""


def blocks(document, language="bash"):
    """The blocks of a document in a language, without what indents them."""
    text = scenarios.text(scenarios.ROOT, "docs", f"{document}.md")
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(one) for one in found]


class Values(unittest.TestCase):
    def test_the_values_of_the_documents_pass_the_schema(self):
        checked = 0
        with helm.Chart.load(scenarios.CHART) as chart:
            for document in DOCUMENTS:
                for block in blocks(document, "yaml"):
                    values = helm.values_from_yaml(block)
                    if not set(values) <= set(chart.values):
                        continue
                    with self.subTest(document=document, values=block):
                        chart.validate_schema(values)
                        self.assertTrue(scenarios.rendered(values))
                        checked += 1
        self.assertGreaterEqual(checked, 5)


class Docs(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster())
        self.kubectl = self.cluster.kubectl
        self.simulator = self.enterContext(Simulator(self.cluster.folder, free_ports(2)))
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        for name in ("chart", "examples"):
            os.symlink(os.path.join(scenarios.ROOT, name), os.path.join(self.folder, name))
        programs = os.path.join(self.folder, "bin")
        os.mkdir(programs)
        for name, text in (("kubectl", KUBECTL), ("helm", HELM.format(python=sys.executable))):
            path = os.path.join(programs, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        self.token = os.path.join(self.folder, "token")
        with open(self.token, "w", encoding="utf-8") as file:
            # As the document says: a pasted "Bot " and white space do no harm.
            file.write(f"Bot {SEEDED_TOKEN}\n")
        self.environment = {**os.environ, "KUBECONFIG": self.cluster.admin_file,
                            "KUBECTL": shutil.which("kubectl"),
                            "PATH": programs + os.pathsep + os.environ["PATH"]}
        self.left = {(document, block) for document in DOCUMENTS for block in blocks(document)}

    def follow(self, document, beginning, names=None, statuses=(0,)):
        """Runs the one block that begins so, with values for what the document leaves open."""
        (block,) = [one for one in blocks(document) if one.startswith(beginning)]
        self.left.discard((document, block))
        text = block
        for name, value in {"REGISTRY": "registry.example", "FILE": self.token,
                            **(names or {})}.items():
            text = re.sub(rf"\b{name}\b", value, text)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], env=self.environment,
                              cwd=self.folder, capture_output=True, text=True, timeout=180)
        self.assertIn(done.returncode, statuses, f"{document}.md:\n{text}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start_provider(self):
        (port,) = free_ports(1)
        self.port = str(port)
        self.provider = self.enterContext(Program(
            [BINARY, "run", "--kubeconfig", self.cluster.provider_file, "--listen",
             f"127.0.0.1:{port}", "--poll", "1s"], os.path.join(self.cluster.folder, "provider.log")))
        health = Client(f"http://127.0.0.1:{port}")
        wait_for("the provider is ready", lambda: health.answers("/readyz"), 30)

    def all_ready(self):
        self.provider.require_running()
        items = self.kubectl.items(KINDS, "-A")
        return len(items) == 8 and all(map(is_ready, items))

    def channels(self):
        return self.simulator.control.get(f"/api/v10/guilds/{self.simulator.guild}/channels")

    def test_the_commands_of_the_documents(self):
        self.install()
        self.look()
        self.save_and_look_for_owners()
        self.upgrade()
        self.uninstall()
        not_run = [block for _, block in self.left if not block.startswith(NOT_HERE)]
        # Its own test runs this one: migration_test.py.
        self.assertEqual([one for one in not_run if not one.startswith("# migration:")], [])

    def install(self):
        self.follow("install", "helm install provider-discord")
        # The address of the real Discord is not for tests.
        self.kubectl.run("patch", "providerconfig", "default", "--type=merge", "-p", json.dumps(
            {"spec": {"baseURL": self.simulator.api + "/api/v10"}}))
        self.kubectl.run("apply", "-n", NAMESPACE, *quickstart())
        self.start_provider()
        wait_for("everything is Ready", self.all_ready, 40)
        self.assertIn("example", self.follow("install", "kubectl get discord -A"))

    def look(self):
        names = {"NAME": "general", "NAMESPACE": NAMESPACE, "8080": self.port, "POD": "pod"}
        said = self.follow("troubleshooting", "kubectl get discord", names)
        self.assertIn("[+]cache/channels ok", said)
        self.assertIn('"uptimeSeconds"', said)
        # Without leader election there is no Lease.
        said = self.follow("high-availability", "kubectl -n", names, statuses=(0, 1))
        self.follow("security", "kubectl -n crossplane-system create secret")
        for one in blocks("multi-tenant", "yaml"):
            # The admission policy is for newer servers than this one.
            if "kind: Role\n" in one:
                self.kubectl.run("apply", "--dry-run=server", "-f", "-", text=one)
        # No pod, no log.
        self.follow("security", "kubectl logs", statuses=(1,))
        self.assertIn("CreatedExternalResource", self.follow("migration-from-go", "kubectl get discord"))

    def save_and_look_for_owners(self):
        self.follow("migration-from-go", "kubectl get guilds")
        for name, count in (("discord-objects.yaml", 8), ("discord-configs.yaml", 1)):
            saved = scenarios.text(self.folder, name)
            taken = self.kubectl.run("apply", "--dry-run=server", "-f", "-", text=saved)
            self.assertEqual(taken.count("(server dry run)"), count, taken)
        self.follow("migration-from-go", "kubectl -n crossplane-system scale")
        crd = "roles.role.discord.crossplane.io"
        self.kubectl.run("patch", "crd", crd, "--type=merge", "-p", json.dumps({"metadata": {
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "old", "uid": "1"}]}}))
        said = self.follow("migration-from-go", "for crd in", {"NAME": crd})
        self.assertEqual([line.split(" ")[0] for line in said.splitlines() if '"old"' in line], [crd])
        self.assertNotIn("ownerReferences", self.kubectl.run("get", "crd", crd, "-o", "yaml"))

    def upgrade(self):
        self.assertIn("provider-discord ", self.follow("upgrade", "kubectl apply"))

    def uninstall(self):
        self.follow("uninstall", "for kind in")
        policies = {tuple(one["spec"]["managementPolicies"]) for one in self.kubectl.items(KINDS, "-A")}
        self.assertEqual(policies, {("Observe", "Create", "Update")})
        before = len(self.channels())
        self.follow("uninstall", "kubectl delete channels")
        self.assertEqual(self.kubectl.items(KINDS, "-A"), [])
        self.assertEqual(len(self.channels()), before, "Discord was to be kept")
        self.assertEqual(self.provider.stop(), 0)
        self.kubectl.run("apply", "-n", NAMESPACE, *quickstart())
        self.kubectl.run("patch", GENERAL, "-n", NAMESPACE, "--type=merge", "-p", json.dumps(
            {"metadata": {"finalizers": ["finalizer.managedresource.crossplane.io"]}}))
        self.kubectl.run("delete", GENERAL, "-n", NAMESPACE, "--wait=false")
        kind, name = GENERAL.split("/")
        self.follow("uninstall", "kubectl patch KIND",
                    {"KIND": kind, "NAME": name, "NAMESPACE": NAMESPACE})
        with self.assertRaisesRegex(NotSeen, "not found"):
            self.kubectl.run("get", GENERAL, "-n", NAMESPACE)
        # Install it again, as somebody who comes from the Go provider; then end it all.
        self.follow("migration-from-go", "kubectl apply")
        self.follow("uninstall", "helm uninstall")
        self.follow("uninstall", "kubectl delete -f")
        with self.assertRaises(NotSeen):
            self.kubectl.run("get", "crd", "guilds.guild.discord.crossplane.io")


if __name__ == "__main__":
    unittest.main()
