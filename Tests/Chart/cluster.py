"""A real kube-apiserver with role-based authorization, and the provider beside it."""

import json
import os
import shutil
import tempfile

import scenarios
from running import CRDS, Client, Kubectl, Program, wait_for

SERVICE_ACCOUNT = f"system:serviceaccount:{scenarios.NAMESPACE}:provider-discord"
GROUPS = f"system:serviceaccounts,system:serviceaccounts:{scenarios.NAMESPACE}"
BINARY = os.path.abspath(os.environ["PROVIDER_DISCORD_BINARY"])

# The Prometheus Operator's kinds, as far as a chart needs them: that they exist.
OPERATOR_KINDS = {"ServiceMonitor": "servicemonitors", "PodMonitor": "podmonitors",
                  "PrometheusRule": "prometheusrules"}


def operator_crds():
    return [{
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.monitoring.coreos.com"},
        "spec": {
            "group": "monitoring.coreos.com", "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {
                    "type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }],
        },
    } for kind, plural in OPERATOR_KINDS.items()]


class Cluster:
    """The servers of tools/control-plane.sh, until the with-block ends."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="provider-discord-chart-")
        self.admin_file = os.path.join(self.folder, "admin.kubeconfig")
        self.provider_file = os.path.join(self.folder, "provider.kubeconfig")
        self.kubectl = Kubectl(self.admin_file)
        self.provider_kubectl = Kubectl(self.provider_file)
        self.servers = None

    def __enter__(self):
        self.servers = Program(
            [os.path.join(scenarios.ROOT, "tools", "control-plane.sh"), self.folder],
            os.path.join(self.folder, "control-plane.log"), lifeline=True,
            environment={"CONTROL_PLANE_AUTHORIZATION": "RBAC",
                         "CONTROL_PLANE_USER": SERVICE_ACCOUNT, "CONTROL_PLANE_GROUPS": GROUPS})

        def ready():
            self.servers.require_running()
            return os.path.exists(os.path.join(self.folder, "ready"))
        try:
            wait_for("the API server is ready", ready, 90)
            self.kubectl.run("apply", "-f", CRDS)
            self.apply(operator_crds())
            self.kubectl.run("wait", "--for=condition=Established", "crd", "--all",
                             "--timeout=30s")
            for namespace in (scenarios.NAMESPACE, "team-a", "team-b"):
                self.kubectl.run("create", "namespace", namespace)
            # tools/control-plane.sh asks with the provider's token until roles are in force.
            self.audited_before = len(self.all_audited())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.servers.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def apply(self, objects, *arguments):
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        return self.kubectl.run("apply", *arguments, "-f", "-", text=body)

    def audited(self):
        """The finished requests of the provider's user since the cluster was ready."""
        return self.all_audited()[self.audited_before:]

    def all_audited(self):
        with open(os.path.join(self.folder, "audit.log"), encoding="utf-8") as file:
            events = [json.loads(line) for line in file if line.endswith("\n")]
        return [event for event in events if event["user"]["username"] == SERVICE_ACCOUNT
                and event["stage"] in ("ResponseStarted", "ResponseComplete")]


class Simulator:
    """Discord, simulated, with one guild for the examples."""

    def __init__(self, folder, ports):
        self.api = f"http://127.0.0.1:{ports[0]}"
        self.control = Client(f"http://127.0.0.1:{ports[1]}/control")
        self.program = Program(
            [BINARY, "discord-sim", "--listen", f"127.0.0.1:{ports[0]}",
             "--control", f"127.0.0.1:{ports[1]}"], os.path.join(folder, "discord-sim.log"))

    def __enter__(self):
        wait_for("the simulator answers", lambda: self.control.get("/score"), 30)
        self.guild = self.control.request("POST", "/guilds", {"name": "Example Guild"})["id"]
        return self

    def __exit__(self, *_):
        self.program.stop()


def quickstart():
    """The manifests of the example, without those that name the real Discord."""
    folder = os.path.join(scenarios.ROOT, "examples", "quickstart")
    return [argument for name in ("guild.yaml", "channels.yaml", "roles.yaml")
            for argument in ("-f", os.path.join(folder, name))]


def folder_mount(config_map, items, folder, version):
    """Lays a ConfigMap out as the kubelet does: the folder `..data` is exchanged as a whole."""
    data = os.path.join(folder, f"..{version}")
    tops = set()
    for item in items:
        path = os.path.join(data, item["path"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        tops.add(item["path"].split("/")[0])
        with open(path, "w", encoding="utf-8") as file:
            file.write(config_map["data"][item["key"]])
    link = os.path.join(folder, "..data_tmp")
    os.symlink(f"..{version}", link)
    os.replace(link, os.path.join(folder, "..data"))
    for top in tops:
        if not os.path.lexists(os.path.join(folder, top)):
            os.symlink(os.path.join("..data", top), os.path.join(folder, top))
