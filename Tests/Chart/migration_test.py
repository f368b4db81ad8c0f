"""docs/migration-from-go.md, step 3, as it is written there: nothing is created again."""

import json
import os
import re
import subprocess
import unittest

import scenarios
from cluster import BINARY, Cluster, Simulator
from rights_test import credentials
from running import Client, Program, free_ports, is_ready, wait_for

KINDS = {"Channel": "channels.channel.discord.crossplane.io",
         "Role": "roles.role.discord.crossplane.io"}


def step_three():
    """The script in the document."""
    document = scenarios.text(scenarios.ROOT, "docs", "migration-from-go.md")
    return re.search(r"```bash\n(# migration: external names\n.*?)```", document, re.DOTALL)[1]


class Migration(unittest.TestCase):
    def left_by_the_go_provider(self, cluster, simulator):
        """Objects as the Go provider leaves them, and what they stand for in Discord."""
        made = {}
        for kind, name, external in (
            ("Channel", "with-its-id", "ID"), ("Channel", "with-its-name", "with-its-name"),
            ("Channel", "without-annotation", None), ("Role", "role-without", None),
        ):
            plural = KINDS[kind].split(".")[0]
            made[name] = simulator.control.request(
                "POST", f"/api/v10/guilds/{simulator.guild}/{plural}", {"name": name})["id"]
            annotations = {"crossplane.io/external-name":
                           made[name] if external == "ID" else external} if external else {}
            cluster.apply([{
                "apiVersion": f"{KINDS[kind].split('.', 1)[1]}/v1alpha1", "kind": kind,
                "metadata": {"name": name, "namespace": "team-a", "annotations": annotations},
                "spec": {"forProvider": {"name": name, "guildId": simulator.guild}}}])
            cluster.kubectl.run(
                "patch", KINDS[kind], name, "-n", "team-a", "--subresource=status", "--type=merge",
                "-p", json.dumps({"status": {"atProvider": {"id": made[name]}}}))
        return made

    def test_every_object_is_adopted_and_none_is_made_again(self):
        with Cluster() as cluster, Simulator(cluster.folder, free_ports(2)) as simulator:
            made = self.left_by_the_go_provider(cluster, simulator)
            subprocess.run(["bash", "-euo", "pipefail", "-c", step_three()], check=True, timeout=60,
                           capture_output=True,
                           env={**os.environ, "KUBECONFIG": cluster.admin_file})
            cluster.apply([one for one in scenarios.rendered() if "Role" in one["kind"]])
            cluster.apply(credentials(simulator.api + "/api/v10"))
            requests = f"/requests?since={len(simulator.control.get('/requests?since=0'))}"
            (port,) = free_ports(1)
            with Program([BINARY, "run", "--kubeconfig", cluster.provider_file,
                          "--listen", f"127.0.0.1:{port}", "--poll", "1s"],
                         os.path.join(cluster.folder, "provider.log")) as provider:
                health = Client(f"http://127.0.0.1:{port}")
                wait_for("the provider is ready", lambda: health.answers("/readyz"), 30)

                def items():
                    return cluster.kubectl.items(",".join(KINDS.values()), "-n", "team-a")
                wait_for("all are Ready", lambda: all(map(is_ready, items())), 30)
                for item in items():
                    name = item["metadata"]["name"]
                    self.assertEqual(
                        item["metadata"]["annotations"]["crossplane.io/external-name"], made[name])
                self.assertEqual(provider.stop(), 0)
            self.assertNotIn("POST /guilds/", provider.log())
            asked = json.dumps(simulator.control.get(requests))
            self.assertIn('"GET"', asked)
            self.assertNotIn('"POST"', asked)
            guild = f"/api/v10/guilds/{simulator.guild}"
            names = [one["name"] for kind in ("channels", "roles")
                     for one in simulator.control.get(f"{guild}/{kind}")]
            self.assertEqual(sorted(one for one in names if one in made), sorted(made))


if __name__ == "__main__":
    unittest.main()
