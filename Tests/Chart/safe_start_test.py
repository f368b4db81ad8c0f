"""Crossplane's `safe-start`, on a real API server: a kind whose CustomResourceDefinition comes later."""

import json
import os
import unittest

import scenarios
from cluster import BINARY, Cluster, Simulator, quickstart
from rights_test import BOUND, KINDS, credentials
from running import Client, Kubectl, Program, free_ports, is_ready, wait_for

ROLES = "roles.role.discord.crossplane.io"
CRD = os.path.join(scenarios.CRDS, "role.discord.crossplane.io_roles.yaml")


class SafeStart(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster())
        self.simulator = self.enterContext(Simulator(self.cluster.folder, free_ports(2)))
        self.kubectl = Kubectl(self.cluster.admin_file, scenarios.NAMESPACE)
        # As the package's manager leaves a kind that nobody has activated.
        self.kubectl.run("delete", "crd", ROLES, "--timeout=60s")
        self.objects = scenarios.rendered()
        self.cluster.apply([one for one in self.objects if one["kind"] in BOUND])
        self.cluster.apply(credentials(self.simulator.api + "/api/v10"))

    def start(self):
        (port,) = free_ports(1)
        arguments = [one for one in scenarios.container(self.objects)["args"]
                     if not one.startswith(("--listen", "--poll"))]
        provider = self.enterContext(Program(
            [BINARY, *arguments, "--kubeconfig", self.cluster.provider_file,
             "--listen", f"127.0.0.1:{port}", "--poll", "1s"],
            os.path.join(self.cluster.folder, "provider.log")))
        return provider, Client(f"http://127.0.0.1:{port}")

    def ready(self, kinds):
        """The names of the objects that are Ready."""
        return {one["metadata"]["name"] for one in self.kubectl.items(kinds) if is_ready(one)}

    def why_moderators_waits(self):
        channel = json.loads(self.kubectl.run(
            "get", "channels.channel.discord.crossplane.io", "moderators", "-o", "json"))
        return next((one["message"] for one in channel.get("status", {}).get("conditions", [])
                     if one["type"] == "Synced" and one["status"] == "False"), None)

    def test_a_kind_that_comes_later_begins_without_a_restart(self):
        provider, health = self.start()
        # Being ready is what the rollout waits for: one kind that nobody uses must not hold it up.
        wait_for("the provider is ready", lambda: health.answers("/readyz"), 30)
        self.assertIn(f"the CustomResourceDefinition {ROLES} is not installed",
                      health.get("/readyz?verbose")["text"])

        guild, channels, roles = quickstart()[1::2]
        self.kubectl.run("apply", "-f", guild, "-f", channels)
        others = KINDS.removesuffix("," + ROLES)
        names = {one["metadata"]["name"] for one in self.kubectl.items(others)}
        wait_for("the other kinds are served", lambda: provider.require_running()
                 or self.ready(others) == names - {"moderators"}, 40)
        # This channel is for a role.
        message, _ = wait_for("the channel says for what it waits", self.why_moderators_waits, 20)
        self.assertIn("Role", message)

        self.kubectl.run("apply", "-f", CRD)
        self.kubectl.run("wait", "--for=condition=Established", "crd", ROLES, "--timeout=30s")
        self.kubectl.run("apply", "-f", roles)
        wait_for("the roles are served, and whoever waited for them",
                 lambda: provider.require_running() or len(self.ready(KINDS)) == 8, 90)
        self.assertNotIn("not installed", health.get("/readyz?verbose")["text"])
        for name in (one["metadata"]["name"] for one in self.kubectl.items(ROLES)):
            self.kubectl.run("delete", ROLES, name, "--timeout=30s")
        self.assertEqual(provider.stop(), 0)
        self.assertNotIn("forbidden", provider.log().lower())


if __name__ == "__main__":
    unittest.main()
