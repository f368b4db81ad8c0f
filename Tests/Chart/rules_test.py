"""Rules from a ConfigMap, mounted as the kubelet mounts it, in a running provider."""

import os
import tempfile
import unittest

import scenarios
from cluster import folder_mount
from running import wait_for
from sandbox import Sandbox

NEW_CHANNEL = """
apiVersion: channel.discord.crossplane.io/v1alpha1
kind: Channel
metadata:
  name: {name}
spec:
  forProvider:
    guildIdRef:
      name: example
    name: {name}
"""


def rules_volume(objects):
    pod = scenarios.deployment(objects)["spec"]["template"]["spec"]
    (volume,) = [one for one in pod["volumes"] if one["name"] == "rules"]
    (mount,) = pod["containers"][0]["volumeMounts"]
    return volume["configMap"], mount


def argument(objects, name):
    (found,) = [one.split("=", 1)[1] for one in scenarios.container(objects)["args"]
                if one.startswith(name + "=")]
    return found


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def generation(self, sandbox):
        (line,) = [one for one in sandbox.scrape().splitlines()
                   if one.startswith("provider_discord_rules_generation ")]
        return int(line.split()[1])

    def topic_of_new_channel(self, sandbox, name):
        sandbox.kubectl.run("apply", "-f", "-", text=NEW_CHANNEL.format(name=name))
        wait_for(name, lambda: name in sandbox.channels(), 20)
        return sandbox.channels()[name]["topic"]

    def test_a_changed_config_map_is_live_without_a_restart(self):
        values = scenarios.values("rules-configmap")
        objects = scenarios.rendered(values)
        volume, mount = rules_volume(objects)
        config_map = scenarios.only(objects, "ConfigMap", volume["name"])
        self.assertEqual(mount["mountPath"], argument(objects, "--scripts"))
        folder_mount(config_map, volume["items"], self.folder, "first")
        with Sandbox(self.folder) as sandbox:
            # All three kinds are served, also those without a rule of the team's.
            sandbox.apply_quickstart()
            self.assertEqual(self.topic_of_new_channel(sandbox, "one"), "Made by the team's rule")

            library = values["rules"]["lib"]
            library["team.lua"] = library["team.lua"].replace("Made by", "Changed in")
            changed = scenarios.only(scenarios.rendered(values), "ConfigMap", volume["name"])
            folder_mount(changed, volume["items"], self.folder, "second")
            wait_for("the second generation", lambda: self.generation(sandbox) == 2, 10)
            self.assertEqual(self.topic_of_new_channel(sandbox, "two"), "Changed in the team's rule")

            library["team.lua"] += "this is no Lua"
            broken = scenarios.only(scenarios.rendered(values), "ConfigMap", volume["name"])
            folder_mount(broken, volume["items"], self.folder, "third")
            wait_for("the refusal", lambda: "lib/team.lua:" in sandbox.program.log(), 10)
            self.assertEqual(self.generation(sandbox), 2)
            self.assertEqual(
                self.topic_of_new_channel(sandbox, "three"), "Changed in the team's rule")

    def test_a_config_map_of_ones_own_is_the_folder_of_rules(self):
        objects = scenarios.rendered({"rules": {"existingConfigMap": "team-rules"}})
        volume, mount = rules_volume(objects)
        self.assertEqual(volume, {"name": "team-rules"})
        self.assertEqual(mount["mountPath"], argument(objects, "--scripts") + "/resources")
        data = {f"{kind}.lua": f'return require("shipped.{kind}")'
                for kind in ("channel", "guild", "role")}
        resources = os.path.join(self.folder, "resources")
        folder_mount({"data": data}, [{"key": key, "path": key} for key in data], resources, "1")
        with Sandbox(self.folder) as sandbox:
            sandbox.apply_quickstart()
            data["channel.lua"] += " -- edited"
            folder_mount({"data": data}, [{"key": key, "path": key} for key in data], resources, "2")
            wait_for("the second generation", lambda: self.generation(sandbox) == 2, 10)


if __name__ == "__main__":
    unittest.main()
