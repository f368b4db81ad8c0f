"""The provider with the rights of its ServiceAccount: they suffice, and there are none too many."""

import json
import os
import shutil
import unittest

import scenarios
from accounts import granted, used
from cluster import BINARY, Cluster, Simulator, quickstart
from running import (
    SEEDED_TOKEN, Client, Kubectl, NotSeen, Program, free_ports, is_ready, wait_for,
)

KINDS = ("guilds.guild.discord.crossplane.io,channels.channel.discord.crossplane.io,"
         "roles.role.discord.crossplane.io")
GENERAL = "channels.channel.discord.crossplane.io/general"
RULES = ("Role", "ClusterRole")
BOUND = (*RULES, "RoleBinding", "ClusterRoleBinding")


def credentials(base_url):
    secret = {"apiVersion": "v1", "kind": "Secret",
              "metadata": {"name": "discord-credentials", "namespace": scenarios.NAMESPACE},
              "stringData": {"token": SEEDED_TOKEN}}
    other = {"apiVersion": "v1", "kind": "Secret",
             "metadata": {"name": "somebody-elses", "namespace": scenarios.NAMESPACE},
             "stringData": {"password": "not-yours"}}
    config = {"apiVersion": "discord.crossplane.io/v1alpha1", "kind": "ProviderConfig",
              "metadata": {"name": "default"},
              "spec": {"baseURL": base_url, "credentials": {
                  "source": "Secret",
                  "secretRef": {"namespace": scenarios.NAMESPACE, "name": "discord-credentials",
                                "key": "token"}}}}
    return [secret, other, config]


class Rights(unittest.TestCase):
    def run_provider(self, cluster, simulator, objects, namespace, watched):
        """The main job in a namespace, with the chart's roles and arguments."""
        kubectl = Kubectl(cluster.admin_file, namespace)
        cluster.apply([one for one in objects if one["kind"] in BOUND])
        cluster.apply(credentials(simulator.api + "/api/v10"))
        (port,) = free_ports(1)
        arguments = [one for one in scenarios.container(objects)["args"]
                     if not one.startswith(("--listen", "--poll"))]
        log = os.path.join(cluster.folder, f"provider-{namespace}.log")
        with Program([BINARY, *arguments, "--kubeconfig", cluster.provider_file,
                      "--listen", f"127.0.0.1:{port}", "--poll", "1s"], log) as provider:
            health = Client(f"http://127.0.0.1:{port}")
            wait_for("the provider is ready", lambda: health.answers("/readyz"), 30)
            self.assertIn(f"[+]cache/channels{watched}", health.get("/readyz?verbose")["text"])
            self.main_job(kubectl, simulator, provider)
            self.assertEqual(provider.stop(), 0)
        self.assertNotIn("forbidden", provider.log().lower())

    def main_job(self, kubectl, simulator, provider):
        # The examples name their namespace; they are for any.
        for manifest in quickstart()[1::2]:
            text = scenarios.text(manifest).replace(
                f"namespace: {scenarios.NAMESPACE}", f"namespace: {kubectl.base[-1]}")
            kubectl.run("apply", "-f", "-", text=text)

        def all_ready():
            provider.require_running()
            items = kubectl.items(KINDS)
            return len(items) == 8 and all(map(is_ready, items)) and items
        try:
            items, _ = wait_for("everything is Ready", all_ready, 40)
        except NotSeen as error:
            raise NotSeen(f"{error}\n{kubectl.run('get', KINDS)}\n{provider.log()[-2000:]}") from None
        self.wait_for_the_count(kubectl, provider, len(items))
        channel = next(one["metadata"]["annotations"]["crossplane.io/external-name"]
                       for one in items if one["metadata"]["name"] == "general")
        kubectl.run("patch", GENERAL, "--type=merge",
                    "-p", '{"spec":{"forProvider":{"topic":"Changed"}}}')
        wait_for("the change is in Discord", lambda: simulator.control.get(
            f"/api/v10/channels/{channel}")["topic"] == "Changed", 20)
        self.make_an_event_repeat(kubectl, simulator)
        kubectl.run("delete", KINDS, "--all", "--timeout=60s")
        wait_for("Discord is as it was", lambda: not simulator.control.get(
            f"/api/v10/guilds/{simulator.guild}/channels"), 20)

    def wait_for_the_count(self, kubectl, provider, users):
        """The ProviderConfig says how many use it: half a second after the last of them came."""
        def counted():
            (config,) = kubectl.items("providerconfigs.discord.crossplane.io")
            return config.get("status", {}).get("users") == users
        try:
            wait_for("the users of the ProviderConfig are counted", counted, 20)
        except NotSeen as error:
            raise NotSeen(f"{error}\n{provider.log()[-4000:]}") from None

    def make_an_event_repeat(self, kubectl, simulator):
        """A refusal that comes again when somebody asks for another look, as the runbook says."""
        permissions = f"/guilds/{simulator.guild}/bot-permissions"
        view_channel, administrator = "1024", "8"
        simulator.control.request("PUT", permissions, {"permissions": view_channel})
        # Not the topic again: Discord allows two changes of it in ten minutes.
        kubectl.run("patch", GENERAL, "--type=merge",
                    "-p", '{"spec":{"forProvider":{"rateLimitPerUser":7}}}')

        def refusals():
            return max((one["count"] for one in kubectl.items("events")
                        if one["reason"] == "CannotUpdateExternalResource"), default=0)
        wait_for("an Event about the refusal", refusals, 20)
        kubectl.run("annotate", GENERAL, "reconcile.crossplane.io/trigger=now")
        wait_for("the same Event again", lambda: refusals() > 1, 20)
        simulator.control.request("PUT", permissions, {"permissions": administrator})

    def check_audit(self, cluster, objects):
        events = cluster.audited()
        refused = [f"{one['verb']} {one['requestURI']}" for one in events
                   if one.get("responseStatus", {}).get("code") == 403]
        self.assertEqual(refused, [])
        self.assertGreater(len(events), 30)
        # No right that the main job has no use for.
        self.assertEqual(granted(objects, "provider-discord") - used(events), set())

    def check_limits(self, cluster):
        """What the ServiceAccount must not be able to do."""
        provider = cluster.provider_kubectl
        for arguments in (
            ("get", "secret", "somebody-elses", "-n", scenarios.NAMESPACE),
            ("get", "secrets", "-n", scenarios.NAMESPACE),
            ("get", "secrets", "-n", "kube-system"),
            ("get", "pods", "-n", scenarios.NAMESPACE),
            ("get", "configmaps", "-A"),
            ("delete", "providerconfig", "default"),
        ):
            with self.subTest(arguments=arguments):
                with self.assertRaisesRegex(NotSeen, "(?i)forbidden"):
                    provider.run(*arguments)

    def test_the_whole_cluster(self):
        with Cluster() as cluster, Simulator(cluster.folder, free_ports(2)) as simulator:
            objects = scenarios.rendered(scenarios.values("default"))
            self.run_provider(cluster, simulator, objects, scenarios.NAMESPACE, "")
            self.check_audit(cluster, objects)
            self.check_limits(cluster)

    def test_two_pods_take_turns(self):
        """One works and one stands by; the Lease goes over when the first ends."""
        objects = scenarios.rendered(scenarios.values("ha"))
        with Cluster() as cluster, Simulator(cluster.folder, free_ports(2)) as simulator:
            kubectl = Kubectl(cluster.admin_file, scenarios.NAMESPACE)
            cluster.apply([one for one in objects if one["kind"] in BOUND])
            cluster.apply(credentials(simulator.api + "/api/v10"))
            first, one = self.pod(cluster, objects, 1)
            with one:
                wait_for("the first leads", lambda: self.leads(first), 30)
                second, other = self.pod(cluster, objects, 2)
                with other:
                    # Standing by is being ready, or a rollout would wait for ever.
                    wait_for("the second is ready", lambda: second.answers("/readyz"), 30)
                    self.assertFalse(self.leads(second))
                    self.main_job(kubectl, simulator, one)
                    self.assertEqual(one.stop(), 0)
                    wait_for("the second leads", lambda: self.leads(second), 20)
                    self.main_job(kubectl, simulator, other)
                    self.assertEqual(other.stop(), 0)
            self.check_audit(cluster, objects)

    def pod(self, cluster, objects, number, *more):
        """A provider with the arguments of the chart, and some more."""
        (port,) = free_ports(1)
        arguments = [one for one in scenarios.container(objects)["args"]
                     if not one.startswith(("--listen", "--poll"))]
        program = Program([BINARY, *arguments, *more, "--kubeconfig", cluster.provider_file,
                           "--listen", f"127.0.0.1:{port}", "--poll", "1s"],
                          os.path.join(cluster.folder, f"pod-{number}.log"))
        return Client(f"http://127.0.0.1:{port}"), program

    def leads(self, health):
        return health.answers("/readyz") and health.get("/debug/state")["leader"]["isLeader"]

    def test_two_namespaces_only(self):
        values = {"watch": {"namespaces": ["team-a", "team-b"]}}
        with Cluster() as cluster, Simulator(cluster.folder, free_ports(2)) as simulator:
            objects = scenarios.rendered(values)
            self.run_provider(cluster, simulator, objects, "team-a", "")
            self.check_audit(cluster, objects)
            for namespace, answer in (("team-b", True), (scenarios.NAMESPACE, False)):
                with self.subTest(namespace=namespace):
                    try:
                        cluster.provider_kubectl.run("get", KINDS, "-n", namespace)
                        self.assertTrue(answer)
                    except NotSeen as error:
                        self.assertFalse(answer, error)
                        self.assertIn("forbidden", str(error).lower())
            self.check_limits(cluster)

    def test_an_event_about_a_provider_config_has_its_place(self):
        """It is in the namespace "default", also when that one is not watched."""
        objects = scenarios.rendered({"watch": {"namespaces": ["team-a"]}})
        with Cluster() as cluster, Simulator(cluster.folder, free_ports(2)) as simulator:
            cluster.apply([one for one in objects if one["kind"] in BOUND])
            cluster.apply(credentials(simulator.api + "/api/v10"))
            scripts = os.path.join(cluster.folder, "scripts")
            shutil.copytree(os.path.join(scenarios.ROOT, "scripts"), scripts)
            health, provider = self.pod(cluster, objects, 1, "--scripts", scripts)
            with provider:
                wait_for("it is ready", lambda: health.answers("/readyz"), 30)
                with open(os.path.join(scripts, "resources", "role.lua"), "a", encoding="utf-8") as file:
                    file.write("this is no Lua")

                def refused():
                    return [one["involvedObject"] for one in cluster.kubectl.items(
                        "events", "-n", "default") if one["reason"] == "RulesRefused"]
                (about,), _ = wait_for("the Event", refused, 30)
                self.assertEqual((about["kind"], about["name"]), ("ProviderConfig", "default"))
                self.assertEqual(provider.stop(), 0)
            self.assertEqual(
                [one["requestURI"] for one in cluster.audited()
                 if one.get("responseStatus", {}).get("code") == 403], [])


if __name__ == "__main__":
    unittest.main()
