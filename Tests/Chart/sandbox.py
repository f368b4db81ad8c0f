"""`provider-discord sandbox` with what the tests need around it."""

import contextlib
import os
import tempfile

import scenarios
from cluster import BINARY, quickstart
from running import Client, Kubectl, Program, free_ports, is_ready, wait_for

KINDS = ("guilds.guild.discord.crossplane.io,channels.channel.discord.crossplane.io,"
         "roles.role.discord.crossplane.io")


class Sandbox:
    """A running sandbox with one guild, until the with-block ends."""

    def __init__(self, scripts):
        self.folder = tempfile.TemporaryDirectory(prefix="provider-discord-sandbox-")
        kubeconfig = os.path.join(self.folder.name, "kubeconfig")
        health, discord, control = free_ports(3)
        self.control = Client(f"http://127.0.0.1:{control}/control")
        self.health = Client(f"http://127.0.0.1:{health}")
        self.kubectl = Kubectl(kubeconfig, scenarios.NAMESPACE)
        self.program = Program(
            [BINARY, "sandbox", "--kubeconfig-out", kubeconfig, "--poll", "1s",
             "--listen", f"127.0.0.1:{health}", "--discord-listen", f"127.0.0.1:{discord}",
             "--control-listen", f"127.0.0.1:{control}", "--scripts", scripts,
             "--runbook-reports", scenarios.NAMESPACE],
            os.path.join(self.folder.name, "sandbox.log"))

    def __enter__(self):
        def ready():
            self.program.require_running()
            return self.health.answers("/readyz")
        try:
            wait_for("the sandbox is ready", ready, 30)
            self.guild = next(guild["id"] for guild in self.control.request("GET", "/state")["guilds"]
                              if guild["name"] == "Example Guild")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.program.stop()
        self.folder.cleanup()

    def apply_quickstart(self):
        self.kubectl.run("apply", *quickstart())

        def all_ready():
            self.program.require_running()
            items = self.kubectl.items(KINDS)
            return len(items) == 8 and all(map(is_ready, items))
        wait_for("the example is Ready", all_ready, 40)

    def scrape(self):
        return self.health.get("/metrics")["text"]

    @contextlib.contextmanager
    def runbooks(self):
        """`runbook serve` beside the provider, which runs one of them by itself; gives its client."""
        (port,) = free_ports(1)
        client = Client(f"http://127.0.0.1:{port}")
        with Program(
            [BINARY, "runbook", "serve", "--listen", f"127.0.0.1:{port}", "--kubeconfig",
             self.kubectl.base[2], "--scripts", os.path.join(scenarios.ROOT, "scripts"),
             "--provider", self.health.base, "--interval", "1h", "--runbook", "high-memory"],
                os.path.join(self.folder.name, "serve.log")) as serve:
            def published():
                serve.require_running()
                return 'publications_total{to="event",result="ok"}' in client.get("/metrics")["text"]
            wait_for("the first report", published, 30)
            yield client

    def channels(self):
        """The guild's channels in Discord, by name."""
        found = self.control.get(f"/api/v10/guilds/{self.guild}/channels")
        return {one["name"]: one for one in found}
