"""Every remediation of the runbooks, carried out on a real kube-apiserver: proposed by a check,
rehearsed, done, verified by its checks, and taken back."""

import json
import os
import subprocess
import threading
import time

from discord_incidents import (ONLY_DNS, POLICY, TIMEOUT, APIHealth, CircuitBreakerOpen,
                               HighErrorRate, HighLatency, RateLimit)
from incident import IncidentTest
from object_incidents import (CHANNEL, GUILD, ROLE, DisasterRecovery, ReconciliationStuck,
                              SecurityIncident, unready)
from workload_incidents import DEPLOYMENT, OOM, POD, HighMemory, ProviderDown, container, waiting
from world import BINARY, LEASES, NAMESPACE, POLICIES, ROOT, SECRET, TOKEN, ago

# Of the shape of a bot token, and none.
NEW_TOKEN = ".".join(["MTAwMDAwMDAwMDAwMDAwMDAw", "Gfixed", "y" * 38])
ADDED_POLICY = f"{POLICIES}/provider-discord-allow-egress"
REPLICA_SETS = f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"
KEPT = ("annotations", "labels", "finalizers")


def essence(item):
    """What a plan can change of an object."""
    if item is None:
        return None
    metadata = {key: item["metadata"][key] for key in KEPT if item["metadata"].get(key)}
    rest = {key: value for key, value in item.items()
            if key not in ("metadata", "status", "apiVersion", "kind")}
    return {"metadata": metadata, **rest}


class Remediations(IncidentTest):
    """A test for each plan of each runbook."""

    def incident(self, kind):
        """The ways in which another test spoils things."""
        other = kind("test_healthy")
        other.setUp()
        self.addCleanup(other.doCleanups)
        return other

    def fix(self, *arguments, token=None):
        command = [BINARY, "runbook", "fix", *arguments, "--kubeconfig", self.world.kubeconfig,
                   "--scripts", os.path.join(ROOT, "scripts"), "--sample", "200ms", "--provider",
                   f"http://127.0.0.1:{self.world.provider.port}", "-o", "json"]
        if token:
            command.append("--token-stdin")
        if "--undo-file" not in arguments:
            command += ["--undo-file", os.path.join(self.world.folder, "undo.json")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                              input=token or "", start_new_session=True)
        for secret in (TOKEN, NEW_TOKEN):
            self.assertNotIn(secret, done.stdout + done.stderr)
        try:
            return json.loads(done.stdout), done
        except json.JSONDecodeError:
            raise AssertionError(
                f"{command}: {done.returncode} {done.stdout}{done.stderr}") from None

    def look(self, path):
        return self.world.kube.get(path) if self.world.kube.exists(path) else None

    def ended(self, report, done, outcome):
        self.assertEqual(report.get("outcome"), outcome, done.stderr + done.stdout)

    def carry_out(self, name, path, *arguments, heal=None, token=None, events=True):
        """Dry run, fix, undo. `heal` is what the cluster does once `path` has changed."""
        before = essence(self.look(path))
        report, done = self.fix(name, "--dry-run", *arguments, token=token)
        self.ended(report, done, "rehearsed")
        self.assertEqual(essence(self.look(path)), before, "a dry run changed something")

        healing = threading.Thread(target=self.heal_after, args=(path, before, heal), daemon=True)
        healing.start()
        record = os.path.join(self.world.folder, f"undo-{name.replace('/', '-')}.json")
        report, done = self.fix(name, "--yes", "--wait", "30s", "--undo-file", record, *arguments,
                                token=token)
        healing.join(45)
        self.ended(report, done, "verified")
        self.assertEqual(done.returncode, 0)
        self.assertNotEqual(essence(self.look(path)), before, "nothing changed")
        if events:
            told = self.world.kubectl.items("events", "-A", "--field-selector", "reason=RunbookFix")
            self.assertTrue([one for one in told if name in one["message"]], done.stderr)
        with open(record, encoding="utf-8") as file:
            content = file.read()
        for secret in (TOKEN, NEW_TOKEN):
            self.assertNotIn(secret, content)
        if not json.loads(content)["ops"]:
            self.assertTrue(json.loads(content)["remarks"])
            return report
        former = TOKEN if "$input" in content else None
        undone, done = self.fix("--undo", record, "--yes", "--undo-file", record + ".redo",
                                token=former)
        self.ended(undone, done, "done")
        self.assertEqual(essence(self.look(path)), before, "the undo did not bring it back")
        return report

    def heal_after(self, path, before, heal):
        end = time.monotonic() + 40
        while essence(self.look(path)) == before and time.monotonic() < end:
            time.sleep(0.1)
        if heal:
            heal()

    def statuses_back(self):
        """What kubelet, controllers and provider do once the reason is gone."""
        while self.world.undo:
            self.world.undo.pop()()
        self.world.provider.reset()

    def vetoed(self, name, *arguments, reason):
        report, done = self.fix(name, "--yes", "--force", *arguments)
        self.ended(report, done, "vetoed")
        self.assertEqual(done.returncode, 6)
        self.assertRegex(report["message"], reason)

    def new_token(self):
        """A token that Discord takes; the old one is revoked."""
        self.world.control.request("POST", "/tokens", {
            "token": NEW_TOKEN, "bot": {"id": self.world.bot}})
        self.addCleanup(lambda: self.world.control.request("DELETE", f"/tokens/{NEW_TOKEN}"))

    # Provider Down

    def down(self, state, last=None):
        incident = self.incident(ProviderDown)
        incident.down()
        incident.pod(container(state, last))

    def test_provider_down_set_memory_limit(self):
        self.down(waiting("CrashLoopBackOff", "back-off"), OOM)
        self.carry_out("provider-down/set-memory-limit", DEPLOYMENT, heal=self.statuses_back)

    def test_provider_down_roll_back_image(self):
        deployment = self.world.kube.get(DEPLOYMENT)
        template = deployment["spec"]["template"]
        template["spec"]["containers"][0]["image"] = "provider-discord:1"
        template["metadata"]["labels"]["pod-template-hash"] = "old"
        selector = {"matchLabels": template["metadata"]["labels"]}
        self.world.create(REPLICA_SETS, {
            "metadata": {"name": "provider-discord-old", "labels": template["metadata"]["labels"],
                         "annotations": {"deployment.kubernetes.io/revision": "1"},
                         "ownerReferences": [{
                             "apiVersion": "apps/v1", "kind": "Deployment", "controller": True,
                             "name": "provider-discord", "uid": deployment["metadata"]["uid"]}]},
            "spec": {"replicas": 0, "selector": selector, "template": template}})
        self.down(waiting("ImagePullBackOff", "not found"))
        self.carry_out("provider-down/roll-back-image", DEPLOYMENT, heal=self.statuses_back)

    def test_provider_down_replace_token(self):
        self.world.delete(SECRET)
        self.carry_out("provider-down/replace-token", SECRET, token=NEW_TOKEN)

    def test_provider_down_release_lease(self):
        self.world.provider.is_up = False
        self.world.create(LEASES, {
            "metadata": {"name": "provider-discord", "namespace": NAMESPACE},
            "spec": {"holderIdentity": "provider-discord-old", "leaseDurationSeconds": 15,
                     "renewTime": ago(600)[:-1] + ".000000Z"}})

        def another_leads():
            self.world.provider.reset()
            self.world.kube.request("POST", LEASES, {
                "metadata": {"name": "provider-discord", "namespace": NAMESPACE},
                "spec": {"holderIdentity": "provider-discord-abc", "leaseDurationSeconds": 60,
                         "renewTime": ago(0)[:-1] + ".000000Z"}})
        self.carry_out("provider-down/release-lease", f"{LEASES}/provider-discord",
                       heal=another_leads)

    def test_provider_down_restart_pod(self):
        healthy = self.world.kube.get(POD)
        self.down(waiting("CrashLoopBackOff"), {"terminated": {
            "reason": "Error", "exitCode": 2, "finishedAt": ago(60)}})
        self.world.undo.pop()

        def another_pod():
            self.world.delete_for_good(POD)
            metadata = {key: healthy["metadata"][key] for key in ("name", "namespace", "labels")}
            self.world.kube.request("POST", POD.rsplit("/", 1)[0], {**healthy, "metadata": metadata})
            self.world.kube.request("PATCH", POD + "/status", {"status": healthy["status"]})
            self.statuses_back()

        def heal():
            end = time.monotonic() + 40
            while time.monotonic() < end:
                pod = self.look(POD)
                if pod is None or "deletionTimestamp" in pod["metadata"]:
                    return another_pod()
                time.sleep(0.1)
            return None
        healing = threading.Thread(target=heal, daemon=True)
        healing.start()
        uid = healthy["metadata"]["uid"]
        report, done = self.fix("provider-down/restart-pod", "--yes", "--wait", "30s")
        healing.join(45)
        self.ended(report, done, "verified")
        self.assertNotEqual(self.world.kube.get(POD)["metadata"]["uid"], uid)
        self.assertIn("makes a new one", report["undo"]["remarks"][0])

    # High Error Rate and API Health

    def test_high_error_rate_replace_token(self):
        self.new_token()
        self.world.revoke_token()
        self.carry_out("high-error-rate/replace-token", SECRET, token=NEW_TOKEN)

    def test_high_error_rate_allow_egress(self):
        self.world.patch(POLICY, ONLY_DNS)
        self.incident(HighErrorRate).failing("network_error")
        self.world.provider.probes["http"] = TIMEOUT
        self.carry_out("high-error-rate/allow-egress", ADDED_POLICY,
                       heal=self.world.provider.reset)

    def test_high_error_rate_restart_is_vetoed_near_the_ban(self):
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed("high-error-rate/restart", reason="9000 invalid requests")

    def test_api_health_allow_egress(self):
        self.world.patch(POLICY, ONLY_DNS)
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        self.carry_out("api-health/allow-egress", ADDED_POLICY, heal=self.world.provider.reset)

    def test_api_health_replace_token(self):
        self.new_token()
        self.world.revoke_token()
        self.carry_out("api-health/replace-token", SECRET, token=NEW_TOKEN)

    # High Latency and High Memory

    def heal_all(self):
        self.world.provider.reset()
        self.world.prometheus.reset()

    def test_high_latency_set_cpu_limit(self):
        self.incident(HighLatency).slow(5)
        self.world.prometheus.answers["throttled_periods"] = 0.6

        def heal():
            self.heal_all()
            self.world.prometheus.answers["throttled_periods"] = 0.0
        self.carry_out("high-latency/set-cpu-limit", DEPLOYMENT, *self.with_prometheus(), heal=heal)

    def test_high_latency_set_memory_limit(self):
        self.incident(HighLatency).slow(5)
        self.world.provider.gauge("process_resident_memory_bytes", 250 << 20)
        self.carry_out("high-latency/set-memory-limit", DEPLOYMENT, heal=self.heal_all)

    def test_high_latency_wait_is_for_people(self):
        incident = self.incident(HighLatency)
        incident.slow(20)
        self.world.control.request("PUT", "/latency", {"milliseconds": 2500})
        self.world.provider.probes["http"] = {"ok": True, "ms": 2600, "status": 200}
        report, done = self.fix("high-latency/wait", "--yes")
        self.ended(report, done, "manual")
        self.assertEqual(done.returncode, 4)
        self.assertTrue(report["manual"])

    def test_high_memory_set_memory_limit(self):
        self.incident(HighMemory).resident(240)
        self.carry_out("high-memory/set-memory-limit", DEPLOYMENT, heal=self.heal_all)

    def test_high_memory_restart(self):
        self.incident(HighMemory).resident(200)
        self.world.prometheus.answers[r"deriv\(process_resident"] = 20000
        self.world.prometheus.answers[r"delta\(provider_discord_resources"] = 0
        self.carry_out("high-memory/restart", DEPLOYMENT, *self.with_prometheus(),
                       heal=self.heal_all)

    # Circuit Breaker Open and Rate Limit

    def test_circuit_breaker_try_breaker(self):
        self.incident(CircuitBreakerOpen).open(30, "guild")
        self.carry_out("circuit-breaker-open/try-breaker", GUILD, heal=self.world.provider.reset)

    def test_circuit_breaker_replace_token(self):
        self.new_token()
        self.incident(CircuitBreakerOpen).open(600, "channel")
        self.world.revoke_token()
        self.carry_out("circuit-breaker-open/replace-token", SECRET, token=NEW_TOKEN)

    def test_circuit_breaker_restart_is_vetoed_while_its_cause_lasts(self):
        incident = self.incident(CircuitBreakerOpen)
        incident.open(600, "channel")
        incident.outage()
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed("circuit-breaker-open/restart", reason=".")

    def test_rate_limit_poll_less(self):
        self.incident(RateLimit).requests(120)
        self.carry_out("rate-limit/poll-less", ROLE, heal=self.heal_all)

    def test_rate_limit_restart_is_vetoed(self):
        self.incident(RateLimit).requests(120)
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed("rate-limit/restart", reason=".")

    # Reconciliation Stuck

    def test_reconciliation_stuck_request_reconcile(self):
        self.incident(ReconciliationStuck)
        self.world.patch(CHANNEL, unready(7200), status=True)
        self.carry_out("reconciliation-stuck/request-reconcile", CHANNEL, heal=self.statuses_back)

    def test_reconciliation_stuck_unpause(self):
        self.incident(ReconciliationStuck).annotate(CHANNEL, {"crossplane.io/paused": "true"})
        self.carry_out("reconciliation-stuck/unpause", CHANNEL)

    def test_reconciliation_stuck_replace_token(self):
        self.world.patch(CHANNEL, unready(7200, "no token"), status=True)
        self.world.delete(SECRET)
        self.carry_out("reconciliation-stuck/replace-token", SECRET, token=NEW_TOKEN)

    def test_reconciliation_stuck_restart(self):
        self.world.provider.counter("controller_runtime_reconcile_total", 90, 0,
                                    controller="managed", result="success")
        self.world.provider.state["queue"]["oldestSeconds"] = 3600
        self.carry_out("reconciliation-stuck/restart", DEPLOYMENT, heal=self.heal_all)

    # Security Incident Response and Disaster Recovery

    def test_security_incident_replace_token(self):
        self.new_token()
        self.incident(SecurityIncident)
        self.world.kubelet.lines.append(f"Authorization: Bot {TOKEN}")
        self.carry_out("security-incident/replace-token", SECRET, token=NEW_TOKEN)

    def test_disaster_recovery_restore(self):
        incident = self.incident(DisasterRecovery)
        self.world.remember_discord()
        name = self.look(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("DELETE", f"/channels/{name}", None)
        self.carry_out("disaster-recovery/restore", CHANNEL, "--backup", incident.backup,
                       heal=self.statuses_back)
