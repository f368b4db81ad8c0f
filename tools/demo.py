#!/usr/bin/env python3
"""The whole product in a minute: `make demo`.

Starts the sandbox, applies the quickstart example, and shows what a user would do and see. It waits
for every effect and exits 0 only when all of them were seen.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from running import (
    ROOT, Client, Kubectl, NotSeen, Program, free_ports, is_ready, wait_for,
)

QUICKSTART = os.path.join(ROOT, "examples", "quickstart")
TEAM_RULE = os.path.join(ROOT, "examples", "rules", "channel.lua")
CHANNELS = "channels.channel.discord.crossplane.io"


class Screen:
    """Numbered steps, with what a user would type and what comes back."""

    def __init__(self):
        self.number = 0

    def step(self, title):
        self.number += 1
        print(f"\n\033[1m{self.number}. {title}\033[0m" if sys.stdout.isatty()
              else f"\n{self.number}. {title}", flush=True)

    def say(self, text=""):
        for line in text.rstrip().splitlines() or [""]:
            print("   " + line, flush=True)

    def typed(self, command):
        self.say("$ " + command)


class Demo:
    def __init__(self, folder):
        self.folder = folder
        self.screen = Screen()
        self.binary = os.path.abspath(os.environ.get("PROVIDER_DISCORD_BINARY",
                                                     ".build/debug/provider-discord"))
        self.rules = os.path.join(folder, "scripts")
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        self.kubectl = Kubectl(self.kubeconfig)
        # The edited rule does what the cases of the shipped one do not expect.
        shutil.copytree(os.path.join(ROOT, "scripts"), self.rules,
                        ignore=shutil.ignore_patterns("*_cases.lua"))
        self.ports = dict(zip(("health", "kube", "discord", "control"), free_ports(4)))
        self.control = Client(f"http://127.0.0.1:{self.ports['control']}/control")
        self.sandbox = None
        self.guild = None

    def address(self, name):
        return f"127.0.0.1:{self.ports[name]}"

    def run(self):
        with Program([self.binary, "sandbox", "--kubeconfig-out", self.kubeconfig,
                      "--listen", self.address("health"), "--kube-listen", self.address("kube"),
                      "--discord-listen", self.address("discord"),
                      "--control-listen", self.address("control"),
                      "--scripts", self.rules, "--poll", "2s", "--log-format", "json"],
                     os.path.join(self.folder, "sandbox.log")) as self.sandbox:
            self.start()
            self.find_guild()
            before = self.inventory()
            self.apply()
            channel = self.repair()
            self.run_runbooks()
            self.edit_rule(channel)
            self.break_rule()
            self.delete(before)
            self.screen.step("The sandbox stops")
            code = self.sandbox.stop()
            self.screen.say(f"exit code {code}")
            if code != 0:
                raise NotSeen(f"the sandbox ended with {code}")

    def start(self):
        self.screen.step("The sandbox: Kubernetes API, Discord simulator and provider, one process")
        health = Client("http://" + self.address("health"))

        def up():
            self.sandbox.require_running()
            return os.path.exists(self.kubeconfig) and health.answers("/readyz")
        _, seconds = wait_for("the sandbox is ready", up)
        self.screen.say(f"Kubernetes API   http://{self.address('kube')}   KUBECONFIG={self.kubeconfig}")
        self.screen.say(f"Discord API      http://{self.address('discord')}/api/v10")
        self.screen.say(f"health, metrics  http://{self.address('health')}/readyz, /metrics")
        self.screen.say(f"rules            {self.rules}")
        self.screen.say(f"ready after {seconds:.1f} s")

    def find_guild(self):
        """Bots cannot make a guild; the sandbox comes with one."""
        self.guild = next(guild["id"] for guild in self.control.get("/state")["guilds"]
                          if guild["name"] == "Example Guild")
        self.screen.say("In Discord there is a guild, Example Guild, that the bot is a member of.")

    def inventory(self):
        """IDs of all that is in the guild."""
        path = f"/api/v10/guilds/{self.guild}"
        things = self.control.get(path + "/channels") + self.control.get(path + "/roles")
        return {thing["id"] for thing in things}

    def resources(self):
        return self.kubectl.items("discord", "-A")

    def apply(self):
        self.screen.step("A guild, its channels and roles with one kubectl apply")
        self.screen.typed("kubectl apply -f examples/quickstart")
        self.screen.say(self.kubectl.run("apply", "-f", QUICKSTART))

        def all_ready():
            self.sandbox.require_running()
            managed = [item for item in self.resources() if "forProvider" in item["spec"]]
            return managed and all(map(is_ready, managed)) and managed
        try:
            managed, seconds = wait_for("everything is Ready", all_ready, 30)
        except NotSeen as error:
            raise NotSeen(f"{error}\n{self.kubectl.run('get', 'discord', '-A')}") from None
        self.screen.say(f"{len(managed)} resources are Ready after {seconds:.1f} s")
        self.screen.typed("kubectl get discord -A")
        self.screen.say(self.kubectl.run("get", "discord", "-A"))

    def channel(self, name):
        item = next(item for item in self.kubectl.items(CHANNELS, "-A")
                    if item["metadata"]["name"] == name)
        return {
            "name": name,
            "namespace": item["metadata"]["namespace"],
            "id": item["metadata"]["annotations"]["crossplane.io/external-name"],
            "topic": item["spec"]["forProvider"]["topic"],
        }

    def repair(self):
        self.screen.step("Somebody changes a channel in Discord by hand")
        channel = self.channel("general")
        self.control.request("PATCH", f"/api/v10/channels/{channel['id']}",
                             {"topic": "Changed by hand", "nsfw": True})
        self.screen.say(f"topic of #{channel['name']} is now: {self.topic(channel)!r}")
        seconds = self.wait_for_topic(channel, channel["topic"])
        self.screen.say(f"repaired after {seconds:.1f} s (polls are 2 s apart): "
                        f"{self.topic(channel)!r}")
        return channel

    def topic(self, channel):
        return self.control.get(f"/api/v10/channels/{channel['id']}").get("topic")

    def wait_for_topic(self, channel, wanted, seconds=20):
        _, took = wait_for(f"the topic {wanted!r}", lambda: self.topic(channel) == wanted,
                           seconds, every=0.02)
        return took

    def save_rule(self, text):
        path = os.path.join(self.rules, "resources", "channel.lua")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)

    def edit_rule(self, channel):
        self.screen.step("A Lua rule is edited while the provider runs")
        with open(TEAM_RULE, encoding="utf-8") as file:
            rule = file.read()
        self.screen.say("resources/channel.lua becomes examples/rules/channel.lua, which puts a "
                        "word before every topic")
        self.save_rule(rule)
        seconds = self.wait_for_topic(channel, "Team: " + channel["topic"])
        self.screen.say(f"in Discord after {seconds:.2f} s: {self.topic(channel)!r}")
        if seconds > 1:
            raise NotSeen("the edited rule took longer than a second")

    def break_rule(self):
        self.screen.step("A broken edit is refused; the last good rule goes on")
        # Discord takes two topics of a channel in ten minutes, and #general has had its two.
        channel = self.channel("ideas")
        with open(TEAM_RULE, encoding="utf-8") as file:
            self.save_rule(file.read().replace("return channel", "return channel +"))

        def refused():
            for line in self.sandbox.log().splitlines():
                if "resources/channel.lua:" in line and '"error"' in line.lower():
                    return line
            return None
        line, seconds = wait_for("the refusal with file and line", refused, 20)
        self.screen.say(f"refused after {seconds:.2f} s:")
        self.screen.say(line)
        self.screen.typed(f"kubectl patch channel {channel['name']} ... topic: Still served")
        self.kubectl.run("patch", CHANNELS, channel["name"], "-n", channel["namespace"],
                         "--type=merge", "-p", '{"spec":{"forProvider":{"topic":"Still served"}}}')
        self.wait_for_topic(channel, "Team: Still served")
        self.screen.say(f"in Discord, by the last good rule: {self.topic(channel)!r}")

    def run_runbooks(self):
        self.screen.step("All runbooks, while everything is well")
        # Nobody made a backup here, and what could not be looked at is never called good.
        self.runbook({5}, "run", "--all", "-o", "short")
        self.screen.step("Somebody takes the bot's permissions away; a runbook says what is wrong")
        permissions = f"/guilds/{self.guild}/bot-permissions"
        view_channel, administrator = "1024", "8"
        self.control.request("PUT", permissions, {"permissions": view_channel})
        # 6 is 3 with somebody to be called now: it depends on how many requests came so far.
        report = self.runbook({3, 6}, "run", "high-error-rate")
        self.control.request("PUT", permissions, {"permissions": administrator})
        if "permission.missing" not in report or "MANAGE_CHANNELS" not in report:
            raise NotSeen("the runbook does not name the missing permission")

    def runbook(self, expected, *arguments):
        """Runs a runbook command and shows what it prints; it must end with an expected code."""
        self.screen.typed("provider-discord runbook " + " ".join(arguments))
        began = time.monotonic()
        result = subprocess.run(
            [self.binary, "runbook", *arguments, "--kubeconfig", self.kubeconfig,
             "--scripts", self.rules], capture_output=True, text=True, timeout=120, check=False)
        self.screen.say(result.stdout)
        if result.returncode not in expected:
            raise NotSeen(f"it ended with {result.returncode}, not {expected}\n{result.stderr}")
        self.screen.say(f"exit code {result.returncode}, after {time.monotonic() - began:.1f} s")
        return result.stdout

    def delete(self, before):
        self.screen.step("Everything is deleted again")
        self.screen.typed("kubectl delete -f examples/quickstart")
        self.screen.say(self.kubectl.run("delete", "-f", QUICKSTART, "--timeout=60s"))
        left = self.inventory() ^ before
        if left:
            raise NotSeen(f"Discord is not as it was: {sorted(left)}")
        self.screen.say("Discord is as it was before.")


def main():
    folder = tempfile.mkdtemp(prefix="provider-discord-demo-")
    demo = Demo(folder)
    try:
        demo.run()
    except (NotSeen, OSError, KeyError, StopIteration, subprocess.SubprocessError) as error:
        print(f"\nThe demo failed: {error!r}" if not isinstance(error, NotSeen)
              else f"\nThe demo failed: {error}")
        log = os.path.join(folder, "sandbox.log")
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as file:
                print("the end of the sandbox's log:\n" + file.read()[-4000:])
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\nAll of it was seen. To go on by yourself: make sandbox")
    return 0


if __name__ == "__main__":
    sys.exit(main())
