"""A real kube-apiserver with a provider's objects in it, the Discord simulator, and stand-ins for
what an incident spoils. Every change of an incident is taken back when it is over."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error

from accounts import audited, kubeconfig

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

from running import CRDS, Client, Kubectl, Program, free_ports, is_ready, wait_for  # noqa: E402
from standin import Kubelet, Prometheus, Provider  # noqa: E402

BINARY = os.path.abspath(os.environ["PROVIDER_DISCORD_BINARY"])
NAMESPACE = "crossplane-system"
# Of the shape of a bot token, and none.
TOKEN = ".".join(["MTAwMDAwMDAwMDAwMDAwMDAw", "Gincid", "x" * 38])
MERGE = "application/merge-patch+json"
CORE = "/api/v1"
IN_NAMESPACE = f"{CORE}/namespaces/{NAMESPACE}"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
PODS = f"{IN_NAMESPACE}/pods"
SECRET = f"{IN_NAMESPACE}/secrets/discord-credentials"
POLICIES = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies"
LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
CONFIGS = "/apis/discord.crossplane.io/v1alpha1/providerconfigs"
USAGE = f"/apis/metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/pods"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
RIGHTS = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount")


def managed(kind, namespace=NAMESPACE):
    """The path of a kind's objects."""
    return (f"/apis/{kind}.discord.crossplane.io/v1alpha1/namespaces/{namespace}/{kind}s")


def ago(seconds):
    """A time of the past as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


class World:
    """Healthy when it begins and after each `reset`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="provider-discord-incidents-")
        self.undo = []
        self.closing = []
        self.values = None  # the file for runs that name none

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for close in reversed(self.closing):
            close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.provider = Provider()
        self.kubelet = Kubelet(self.folder)
        self.prometheus = Prometheus(self.provider)
        self.closing += [self.provider.stop, self.kubelet.stop, self.prometheus.stop]
        cluster = os.path.join(self.folder, "cluster")
        servers = self.run_program(
            [os.path.join(ROOT, "tools", "control-plane.sh"), cluster], "control-plane",
            lifeline=True, environment={"CONTROL_PLANE_AUTHORIZATION": "RBAC"})
        self.start_discord()

        def ready():
            servers.require_running()
            return os.path.exists(os.path.join(cluster, "ready"))
        wait_for("the API server is ready", ready, 90)
        self.admin = os.path.join(cluster, "admin.kubeconfig")
        self.kubeconfig = self.admin  # what runbooks are run with
        self.without_rights = os.path.join(cluster, "provider.kubeconfig")
        self.kubectl = Kubectl(self.admin)
        self.kube = admin_client(cluster)
        self.make_objects()

    def run_program(self, arguments, name, **options):
        program = Program(arguments, os.path.join(self.folder, f"{name}.log"), **options)
        self.closing.append(program.stop)
        return program

    def start_discord(self):
        api, control = free_ports(2)
        self.discord_url = f"http://127.0.0.1:{api}/api/v10"
        self.control = Client(f"http://127.0.0.1:{control}/control")
        self.run_program([BINARY, "discord-sim", "--listen", f"127.0.0.1:{api}", "--control",
                          f"127.0.0.1:{control}"], "discord-sim")
        wait_for("the simulator answers", lambda: self.control.get("/score"), 30)
        self.guild = self.control.request("POST", "/guilds", {"name": "Team"})["id"]
        self.bot = self.control.request("POST", "/tokens", {
            "token": TOKEN, "bot": {"username": "provider"}})["id"]

    def make_objects(self):
        """What the chart and users make, by a real kubectl; and Ready by a real provider."""
        with open(os.path.join(os.path.dirname(__file__), "objects.json"), encoding="utf-8") as file:
            text = file.read()
        for name, value in {"$GUILD": self.guild, "$DISCORD": self.discord_url, "$TOKEN": TOKEN,
                            '"$KUBELET"': str(self.kubelet.port)}.items():
            text = text.replace(name, value)
        objects = json.loads(text)
        self.kubectl.run("create", "namespace", NAMESPACE)
        self.kubectl.run("apply", "-f", CRDS)
        is_type = [one["kind"] == "CustomResourceDefinition" for one in objects]
        rest = [one for one, is_first in zip(objects, is_type) if not is_first]
        self.apply([one for one, is_first in zip(objects, is_type) if is_first])
        self.kubectl.run("wait", "--for=condition=Established", "crd", "--all",
                         "--timeout=30s")
        self.apply(rest)
        for one in rest:
            if "status" in one:
                self.kube.request("PATCH", path_of(one) + "/status", {"status": one["status"]})
        self.reconcile_once()

    def apply(self, items):
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.kubectl.run("apply", "--validate=false", "-f", "-", text=body)

    def start_provider(self, name="provider"):
        """A real provider; gives its port and itself."""
        port = free_ports(1)[0]
        program = self.run_program(
            [BINARY, "run", "--kubeconfig", self.admin, "--poll", "1s", "--listen",
             f"127.0.0.1:{port}", "--scripts", os.path.join(ROOT, "scripts")], name)
        return port, program

    def reconcile_once(self):
        _, program = self.start_provider("first-provider")

        def all_ready():
            program.require_running()
            items = self.kubectl.items(
                "guilds.guild.discord.crossplane.io,channels.channel.discord.crossplane.io,"
                "roles.role.discord.crossplane.io", "-A")
            return len(items) == 3 and all(map(is_ready, items))
        wait_for("the objects are Ready", all_ready, 60)
        program.stop()

    # Who runs the runbooks.

    def account(self, objects, name):
        """Puts the roles among these objects in force; gives the kubeconfig of a ServiceAccount."""
        self.apply([one for one in objects if one["kind"] in RIGHTS])
        return kubeconfig(self.kubectl, NAMESPACE, name,
                          os.path.join(self.folder, f"{name}.kubeconfig"))

    def audited(self, name):
        """The finished requests of a ServiceAccount."""
        return audited(os.path.join(self.folder, "cluster", "audit.log"), NAMESPACE, name)

    # What incidents do.

    def patch(self, path, body, status=False):
        """Changes an object, or its status; taken back later."""
        if path == SECRET:
            # Written back it would count as changed; a new one does not.
            self.renew(path)
        else:
            before = self.kube.get(path)
            self.undo.append(lambda: self.put_back(path, before, status))
        return self.kube.request("PATCH", path + ("/status" if status else ""), body)

    def renew(self, path):
        """A new object like this one is put in its place later."""
        before = self.kube.get(path)
        self.undo.append(lambda: self.make_again(path, before))
        self.undo.append(lambda: self.delete_for_good(path))

    def keep_status(self, path):
        """The status as it is comes back later."""
        before = self.kube.get(path)
        self.undo.append(lambda: self.put_back(path, before, True))

    def put_back(self, path, before, status):
        now = self.kube.get(path)
        before["metadata"]["resourceVersion"] = now["metadata"]["resourceVersion"]
        self.kube.request("PUT", path + ("/status" if status else ""), before)

    def create(self, path, body, status=None):
        """Makes an object; deleted later."""
        name = body["metadata"]["name"]
        made = self.kube.request("POST", path, body)
        self.undo.append(lambda: self.delete_for_good(f"{path}/{name}"))
        if status:
            self.kube.request("PATCH", f"{path}/{name}/status", {"status": status})
        return made

    def delete(self, path):
        """Deletes an object; made again later, with its status."""
        before = self.kube.get(path)
        self.delete_for_good(path)
        self.undo.append(lambda: self.make_again(path, before))

    def make_again(self, path, before):
        before["metadata"] = {key: before["metadata"][key]
                              for key in ("name", "namespace", "labels", "annotations")
                              if key in before["metadata"]}
        self.kube.request("POST", path.rsplit("/", 1)[0], before)
        if "status" in before:
            self.kube.request("PATCH", path + "/status", {"status": before["status"]})

    def delete_for_good(self, path):
        try:
            self.kube.request("PATCH", path, {"metadata": {"finalizers": None}})
            self.kube.request("DELETE", path + "?gracePeriodSeconds=0")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        wait_for(f"{path} is gone", lambda: not self.kube.exists(path), 20)

    def fault(self, fault, **match):
        """Makes the simulated Discord fail."""
        self.control.request("POST", "/faults", {**match, "fault": fault})

    def as_owner(self, method, path, body):
        """Changes Discord behind the bot's back."""
        return self.control.request(method, f"/api/v10{path}", body)

    def revoke_token(self):
        self.control.request("DELETE", f"/tokens/{TOKEN}")
        self.undo.append(lambda: self.control.request("POST", "/tokens", {
            "token": TOKEN, "bot": {"id": self.bot}}))

    def remember_discord(self):
        """Discord as it is comes back later."""
        state = self.control.get("/state")
        self.undo.append(lambda: self.control.request("PUT", "/state", state))

    def reset(self):
        for undo in reversed(self.undo):
            undo()
        self.undo.clear()
        for namespace in (NAMESPACE, "default"):
            self.kube.request("DELETE", f"{CORE}/namespaces/{namespace}/events")
        for fault in self.control.get("/faults"):
            self.control.request("DELETE", f"/faults/{fault['id']}")
        self.control.request("PUT", "/latency", {"milliseconds": 0})
        self.control.request("PUT", "/limits", {})  # full buckets again
        self.provider.reset()
        self.kubelet.reset()
        self.prometheus.reset()

    def run(self, runbook, *arguments, kubeconfig=None, provider=None, environment=None):
        """The report of the built binary, and its exit code."""
        command = [BINARY, "runbook", "run", runbook, "-o", "json", "--kubeconfig",
                   kubeconfig or self.kubeconfig, "--scripts", os.path.join(ROOT, "scripts"),
                   "--sample", "300ms", "--provider",
                   provider or f"http://127.0.0.1:{self.provider.port}", *arguments]
        if "--values" not in arguments and self.values:
            command += ["--values", self.values]
        report, done = self.answer(command, 90, env={**os.environ, **(environment or {})})
        return report, done.returncode

    def fix(self, *arguments, kubeconfig=None, token=None):
        """The report of a plan, and the process that carried it out."""
        command = [BINARY, "runbook", "fix", *arguments, "--kubeconfig",
                   kubeconfig or self.kubeconfig, "--scripts", os.path.join(ROOT, "scripts"),
                   "--sample", "200ms", "--provider", f"http://127.0.0.1:{self.provider.port}",
                   "-o", "json"]
        if token:
            command.append("--token-stdin")
        if "--undo-file" not in arguments:
            command += ["--undo-file", os.path.join(self.folder, "undo.json")]
        return self.answer(command, 120, input=token or "", start_new_session=True)

    def answer(self, command, seconds, **options):
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **options)
        try:
            return json.loads(done.stdout), done
        except json.JSONDecodeError:
            raise AssertionError(
                f"{command}: {done.returncode} {done.stdout}{done.stderr}") from None


def path_of(one):
    group, _, version = one["apiVersion"].rpartition("/")
    base = f"/apis/{group}/{version}" if group else f"/api/{version}"
    namespace = one["metadata"].get("namespace")
    plural = one["kind"].lower() + "s"
    middle = f"/namespaces/{namespace}" if namespace else ""
    return f"{base}{middle}/{plural}/{one['metadata']['name']}"


class AdminClient(Client):
    """The API server, by the admin's certificate."""

    def request(self, method, path, body=None, **options):
        kind = MERGE if method == "PATCH" else "application/json"
        return super().request(method, path, body, **{"content_type": kind, **options})

    def exists(self, path):
        try:
            self.get(path)
            return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise


def admin_client(folder):
    with open(os.path.join(folder, "port"), encoding="ascii") as file:
        client = AdminClient(f"https://127.0.0.1:{file.read().strip()}",
                             ca=os.path.join(folder, "ca.crt"))
    client.context.load_cert_chain(os.path.join(folder, "admin.crt"),
                                   os.path.join(folder, "admin.key"))
    return client
