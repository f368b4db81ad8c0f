"""Each command of the operational runbooks that names an object finds it where the chart is installed.

The API server is real; there is no kubelet and no controller, so the pod is made from the Deployment's
template, and what would go to a node has to fail for want of one, not for want of the object. Commands
that can't work as they are written are run as written too, to see that the correction is needed; the
corrections are those of docs/runbooks/coverage.md.
"""

import json
import unittest

import helm_python as helm
import scenarios
from cluster import Cluster, quickstart
from running import NotSeen

NAMESPACE = scenarios.NAMESPACE
POD = "provider-discord-5d8f7c9b6-x2x4z"
OURS = ("guilds.guild.discord.crossplane.io,channels.channel.discord.crossplane.io,"
        "roles.role.discord.crossplane.io")
# What kubectl says when all is there but the node.
NO_NODE = "does not have a host assigned"


def limits(**quantities):
    return json.dumps({"spec": {"template": {"spec": {"containers": [
        {"name": "provider", "resources": {"limits": quantities}}]}}}})


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster())
        with helm.Config(kubeconfig_path=cls.cluster.admin_file, namespace=NAMESPACE) as config:
            # helm install provider-discord ./chart/provider-discord
            config.install(scenarios.CHART, "provider-discord", {
                "providerConfig": {"create": True},
                "credentials": {"create": True, "token": "not-a-real-token"}})
        template = scenarios.deployment(scenarios.rendered())["spec"]["template"]
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": {
                   **template["spec"], "automountServiceAccountToken": False},
               "metadata": {**template["metadata"], "name": POD, "namespace": NAMESPACE}}
        cls.cluster.apply([pod, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}])
        cls.cluster.kubectl.run("apply", "-n", NAMESPACE, *quickstart())

    def run_command(self, command, text=None):
        """Runs "kubectl …" of the document."""
        return self.cluster.kubectl.run(*command.split(), text=text)

    def fails(self, command, reason):
        with self.assertRaisesRegex(NotSeen, reason):
            self.run_command(command)

    def test_pods(self):
        self.assertIn(POD, self.run_command(
            f"get pods -n {NAMESPACE} -l app=provider-discord"))
        self.assertIn("provider:", self.run_command(f"describe pod -n {NAMESPACE} {POD}"))
        self.run_command(f"delete pod -n {NAMESPACE} {POD} --dry-run=server")
        self.run_command("describe node node-1")
        self.run_command("get events --sort-by=.lastTimestamp -A")

    def test_what_goes_to_the_node_finds_the_pod(self):
        for command in (f"logs -n {NAMESPACE} {POD} --previous",
                        f"logs -n {NAMESPACE} {POD} -f",
                        f"logs -n {NAMESPACE} deployment/provider-discord",
                        f"logs -n {NAMESPACE} deployment/provider-discord --tail=10"):
            with self.subTest(command=command):
                # A pod that no node has taken has no log yet.
                self.assertEqual(self.run_command(command), "")
        self.fails(f"logs -n {NAMESPACE} {POD} -c another", "container another is not valid")
        self.fails(f"exec -n {NAMESPACE} deployment/provider-discord -- curl -s "
                   "https://discord.com/api/v10", NO_NODE)
        self.fails(f"port-forward -n {NAMESPACE} deployment/provider-discord 8080:8080",
                   "pod is not running")

    def test_patches_change_the_one_container(self):
        for quantities in ({"memory": "512Mi"}, {"memory": "1Gi"}, {"cpu": "500m"}):
            patched = json.loads(self.cluster.kubectl.run(
                "patch", "deployment", "-n", NAMESPACE, "provider-discord", "-p",
                limits(**quantities), "--dry-run=server", "-o", "json"))
            (container,) = patched["spec"]["template"]["spec"]["containers"]
            for name, value in quantities.items():
                self.assertEqual(container["resources"]["limits"][name], value)
        image = "ghcr.io/rossigee/provider-discord:v0.2.0"
        changed = json.loads(self.run_command(
            f"set image deployment/provider-discord -n {NAMESPACE} provider={image} "
            "--dry-run=server -o json"))
        (container,) = changed["spec"]["template"]["spec"]["containers"]
        self.assertEqual(container["image"], image)

    def test_the_deployment(self):
        self.assertIn("memory:  256Mi", self.run_command(
            f"describe deployment -n {NAMESPACE} provider-discord").replace("    ", "  "))
        self.assertIn("restarted", self.run_command(
            f"rollout restart deployment/provider-discord -n {NAMESPACE}"))

    def test_configuration_and_secret(self):
        self.assertIn("default", self.run_command("get providerconfig"))
        self.assertIn("discord-credentials", self.run_command("describe providerconfig default"))
        for command in ("get secret -n {} discord-credentials",
                        "describe secret -n {} discord-credentials",
                        "get secret discord-credentials -n {} -o yaml"):
            self.assertIn("discord-credentials", self.run_command(command.format(NAMESPACE)))
        self.assertIn("token:", self.run_command(
            f"describe secret -n {NAMESPACE} discord-credentials"))

    def test_a_new_token_goes_into_the_namespace_of_the_provider(self):
        made = ("create secret generic discord-credentials --from-literal=token=new "
                "--dry-run=client -o yaml")
        # As written it would make another Secret, in the namespace of the context.
        self.assertIn("created", self.run_command(
            "apply --dry-run=server -f -", self.run_command(made)))
        corrected = self.run_command(f"{made} -n {NAMESPACE}")
        self.assertIn("secret/discord-credentials configured", self.run_command(
            "apply --dry-run=server -f -", corrected))

    def test_network_policy(self):
        self.assertIn("provider-discord-netpol", self.run_command(
            f"get networkpolicy -n {NAMESPACE}"))
        # Found; whether to delete it is another question (docs/troubleshooting.md).
        self.run_command(
            f"delete networkpolicy -n {NAMESPACE} provider-discord-netpol --dry-run=server")

    def test_describe_pod_takes_no_deployment(self):
        self.fails(f"describe pod -n {NAMESPACE} deployment/provider-discord", "there is no need")
        self.assertIn(POD, self.run_command(f"describe pod -n {NAMESPACE} -l app=provider-discord"))

    def test_resources(self):
        self.assertIn("example", self.run_command(f"describe guild example -n {NAMESPACE}"))
        annotated = self.cluster.kubectl.run(
            "annotate", "guild", "example", "-n", NAMESPACE, "--dry-run=server", "-o", "json",
            "reconcile.crossplane.io/trigger=Wed Nov 25 15:00:00 UTC 2026")
        self.assertIn("reconcile.crossplane.io/trigger", annotated)

    def test_the_short_names_of_guilds_and_channels_work_and_that_of_roles_is_taken(self):
        def kinds(resources):
            text = self.run_command(f"get {resources} -A -o json")
            return {(one["apiVersion"].split("/")[0], one["kind"])
                    for one in json.loads(text)["items"]}
        ours = {("guild.discord.crossplane.io", "Guild"), ("channel.discord.crossplane.io", "Channel"),
                ("role.discord.crossplane.io", "Role")}
        as_written = kinds("guilds,channels,roles")
        self.assertIn(("rbac.authorization.k8s.io", "Role"), as_written)
        self.assertEqual(ours - as_written, {("role.discord.crossplane.io", "Role")})
        self.assertEqual(kinds(OURS), ours)
        self.assertEqual(kinds("discord"), ours | {("discord.crossplane.io", "ProviderConfig")})
        lines = self.run_command(f"get {OURS} -A --no-headers").strip().splitlines()
        self.assertEqual(len(lines), 8)
        self.assertIn("READY", self.run_command(f"get {OURS} -A -o wide"))

    def test_who_may_read_the_token(self):
        bindings = self.run_command("get rolebinding,clusterrolebinding -A -o wide")
        found = {line.split()[1] if line.split()[0] == NAMESPACE else line.split()[0]
                 for line in bindings.splitlines() if "discord" in line}
        self.assertLessEqual(
            {"rolebinding.rbac.authorization.k8s.io/provider-discord-credentials",
             "clusterrolebinding.rbac.authorization.k8s.io/provider-discord"}, found)

    def test_a_backup_is_taken_back(self):
        backup = self.run_command(f"get {OURS} -A -o yaml")
        configs = self.run_command("get providerconfig -o yaml")
        secret = self.run_command(f"get secret discord-credentials -n {NAMESPACE} -o yaml")
        for text, count in ((configs, 1), (secret, 1), (backup, 8)):
            taken = self.run_command("apply --dry-run=server -f -", text)
            self.assertEqual(taken.count("(server dry run)"), count, taken)


if __name__ == "__main__":
    unittest.main()
