"""The chart against a real API server: dry runs of every object, then a release's whole life."""

import json
import unittest

import helm_python as helm
import scenarios
from cluster import Cluster
from running import NotSeen


class Admission(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster())

    def helm(self):
        return helm.Config(kubeconfig_path=self.cluster.admin_file,
                           namespace=scenarios.NAMESPACE)

    def test_the_server_takes_every_object_of_every_scenario(self):
        for name in scenarios.names():
            with self.subTest(scenario=name), self.helm() as config:
                # Rendered for this server, which decides e.g. about the version of "policy".
                release = config.install(scenarios.CHART, scenarios.RELEASE,
                                         scenarios.values(name), dry_run="server")
                objects = scenarios.documents(release["manifest"])
                self.assertGreater(len(objects), 5)
                taken = self.cluster.apply(objects, "--dry-run=server")
                self.assertEqual(taken.count("(server dry run)"), len(objects), taken)

    def test_a_release_is_installed_upgraded_and_removed_and_leaves_the_crds(self):
        kubectl = self.cluster.kubectl
        values = {**scenarios.values("monitoring"),
                  "providerConfig": {"create": True},
                  "credentials": {"create": True, "token": "not-a-real-token"}}
        with self.helm() as config:
            installed = config.install(scenarios.CHART, scenarios.RELEASE, values)
            self.assertEqual(installed["status"], "deployed")
            # What the commands of the runbooks look for.
            kubectl.run("get", "deployment/provider-discord", "secret/discord-credentials",
                        "networkpolicy/provider-discord-netpol", "service/provider-discord",
                        "-n", scenarios.NAMESPACE)
            kubectl.run("get", "providerconfig", "default")
            patch = {"spec": {"template": {"spec": {"containers": [
                {"name": "provider", "resources": {"limits": {"memory": "512Mi"}}}]}}}}
            # Not kept: Helm would refuse to overwrite it (docs/upgrade.md).
            kubectl.run("patch", "deployment", "-n", scenarios.NAMESPACE, "provider-discord",
                        "-p", json.dumps(patch), "--dry-run=server")
            upgraded = config.upgrade(scenarios.CHART, scenarios.RELEASE,
                                      {**values, "watch": {"poll": "2m"}})
            self.assertEqual(upgraded["revision"], 2)
            arguments = json.loads(kubectl.run(
                "get", "deployment", "provider-discord", "-n", scenarios.NAMESPACE, "-o", "json",
            ))["spec"]["template"]["spec"]["containers"][0]["args"]
            self.assertIn("--poll=2m", arguments)
            config.uninstall(scenarios.RELEASE)
        with self.assertRaises(NotSeen):
            kubectl.run("get", "deployment", "provider-discord", "-n", scenarios.NAMESPACE)
        kubectl.run("get", "crd", "guilds.guild.discord.crossplane.io",
                    "channels.channel.discord.crossplane.io",
                    "roles.role.discord.crossplane.io", "providerconfigs.discord.crossplane.io")
        # Kept, so that objects which use it can still be deleted.
        kubectl.run("get", "providerconfig", "default")


if __name__ == "__main__":
    unittest.main()
