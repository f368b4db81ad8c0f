"""Every remediation of the runbooks, carried out on a real kube-apiserver: proposed by a check,
rehearsed, done, verified by its checks, and taken back."""

import contextlib
import functools
import json
import os
import subprocess
import threading
import time
import urllib.error

from discord_incidents import (ONLY_DNS, POLICY, TIMEOUT, APIHealth, CircuitBreakerOpen,
                               HighErrorRate, HighLatency, RateLimit)
from incident import IncidentTest
from object_incidents import (CHANNEL, GUILD, ROLE, DisasterRecovery, ReconciliationStuck,
                              SecurityIncident, unready)
from running import wait_for
from workload_incidents import DEPLOYMENT, OOM, POD, HighMemory, ProviderDown, container, waiting
from world import BINARY, LEASES, NAMESPACE, POLICIES, ROOT, SECRET, TOKEN, ago

# Of the shape of a bot token, and none.
NEW_TOKEN = ".".join(["MTAwMDAwMDAwMDAwMDAwMDAw", "Gfixed", "y" * 38])
ADDED_POLICY = f"{POLICIES}/provider-discord-allow-egress"
REPLICA_SETS = f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"
KEPT = ("annotations", "labels", "finalizers")

# Plans with a test that carries them out, and plans with one in which they are refused.
CARRIED_OUT = set()
REFUSED = set()
# The document's restarts that never help, and what only time heals: nothing carries these out.
NEVER_CARRIED_OUT = {"circuit-breaker-open/restart", "high-latency/wait", "rate-limit/restart"}


def about(name, rows):
    def registered(test):
        rows.add(name)

        @functools.wraps(test)
        def run(self):
            test(self, name)
        return run
    return registered


def carries_out(name):
    """A test that carries out the plan RUNBOOK/PLAN."""
    return about(name, CARRIED_OUT)


def refuses(name):
    """A test in which the plan RUNBOOK/PLAN must not be carried out."""
    return about(name, REFUSED)


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

    def test_every_plan_has_a_row(self):
        done = subprocess.run([BINARY, "runbook", "list", "-o", "json", "--scripts",
                               os.path.join(ROOT, "scripts")], capture_output=True, check=True)
        plans = {f"{runbook['id']}/{plan['id']}" for runbook in json.loads(done.stdout)
                 for plan in runbook["plans"]}
        self.assertEqual(plans - NEVER_CARRIED_OUT, CARRIED_OUT)
        self.assertLessEqual(NEVER_CARRIED_OUT, REFUSED)
        self.assertLessEqual(REFUSED, plans)

    def incident(self, kind):
        """The ways in which another test spoils things."""
        other = kind("test_healthy")
        other.setUp()
        self.addCleanup(other.doCleanups)
        return other

    def fix(self, *arguments, token=None):
        report, done = self.world.fix(*arguments, token=token)
        for secret in (TOKEN, NEW_TOKEN):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return report, done

    def look(self, path):
        """The object; None without it. In one request: it may go at any moment."""
        try:
            return self.world.kube.get(path)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

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
        wait_for(f"{path} is changed", lambda: essence(self.look(path)) != before, 40)
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
        """A token that Discord takes, for a Secret that counts as unchanged afterwards."""
        self.world.renew(SECRET)
        self.world.control.request("POST", "/tokens", {
            "token": NEW_TOKEN, "bot": {"id": self.world.bot}})
        self.addCleanup(lambda: self.world.control.request("DELETE", f"/tokens/{NEW_TOKEN}"))

    # Provider Down

    def down(self, state, last=None):
        incident = self.incident(ProviderDown)
        incident.down()
        incident.pod(container(state, last))

    @carries_out("provider-down/set-memory-limit")
    def test_provider_down_set_memory_limit(self, name):
        self.down(waiting("CrashLoopBackOff", "back-off"), OOM)
        self.carry_out(name, DEPLOYMENT, heal=self.statuses_back)

    @carries_out("provider-down/roll-back-image")
    def test_provider_down_roll_back_image(self, name):
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
        self.carry_out(name, DEPLOYMENT, heal=self.statuses_back)

    @carries_out("provider-down/replace-token")
    def test_provider_down_replace_token(self, name):
        self.world.delete(SECRET)
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    @carries_out("provider-down/release-lease")
    def test_provider_down_release_lease(self, name):
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
        self.carry_out(name, f"{LEASES}/provider-discord",
                       heal=another_leads)

    @carries_out("provider-down/restart-pod")
    def test_provider_down_restart_pod(self, name):
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
        report, done = self.fix(name, "--yes", "--wait", "30s")
        healing.join(45)
        self.ended(report, done, "verified")
        self.assertNotEqual(self.world.kube.get(POD)["metadata"]["uid"], uid)
        self.assertIn("makes a new one", report["undo"]["remarks"][0])

    # High Error Rate and API Health

    @carries_out("high-error-rate/replace-token")
    def test_high_error_rate_replace_token(self, name):
        self.new_token()
        self.world.revoke_token()
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    @carries_out("high-error-rate/allow-egress")
    def test_high_error_rate_allow_egress(self, name):
        self.world.patch(POLICY, ONLY_DNS)
        self.incident(HighErrorRate).failing("network_error")
        self.world.provider.probes["http"] = TIMEOUT
        self.carry_out(name, ADDED_POLICY,
                       heal=self.world.provider.reset)

    @carries_out("high-error-rate/restart")
    def test_high_error_rate_restart(self, name):
        self.incident(HighErrorRate).failing("server_error")
        self.carry_out(name, DEPLOYMENT, heal=self.world.provider.reset)

    @refuses("high-error-rate/restart")
    def test_high_error_rate_restart_is_vetoed_in_a_429_storm(self, name):
        incident = self.incident(HighErrorRate)
        incident.failing("rate_limited")
        incident.limited("user")
        self.vetoed(name, reason="answers 429 are many")

    @refuses("high-error-rate/restart")
    def test_high_error_rate_restart_is_vetoed_near_the_ban(self, name):
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed(name, reason="9000 invalid requests")

    @carries_out("api-health/allow-egress")
    def test_api_health_allow_egress(self, name):
        self.world.patch(POLICY, ONLY_DNS)
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        self.carry_out(name, ADDED_POLICY, heal=self.world.provider.reset)

    @carries_out("api-health/replace-token")
    def test_api_health_replace_token(self, name):
        self.new_token()
        self.world.revoke_token()
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    # High Latency and High Memory

    def heal_all(self):
        self.world.provider.reset()
        self.world.prometheus.reset()

    @carries_out("high-latency/set-cpu-limit")
    def test_high_latency_set_cpu_limit(self, name):
        self.incident(HighLatency).slow(5)
        self.world.prometheus.answers["throttled_periods"] = 0.6

        def heal():
            self.heal_all()
            self.world.prometheus.answers["throttled_periods"] = 0.0
        self.carry_out(name, DEPLOYMENT, *self.with_prometheus(), heal=heal)

    @carries_out("high-latency/set-memory-limit")
    def test_high_latency_set_memory_limit(self, name):
        self.incident(HighLatency).slow(5)
        self.world.provider.gauge("process_resident_memory_bytes", 250 << 20)
        self.carry_out(name, DEPLOYMENT, heal=self.heal_all)

    @refuses("high-latency/wait")
    def test_high_latency_wait_is_for_people(self, name):
        incident = self.incident(HighLatency)
        incident.slow(20)
        self.world.control.request("PUT", "/latency", {"milliseconds": 2500})
        self.world.provider.probes["http"] = {"ok": True, "ms": 2600, "status": 200}
        report, done = self.fix(name, "--yes")
        self.ended(report, done, "manual")
        self.assertEqual(done.returncode, 4)
        self.assertTrue(report["manual"])

    @carries_out("high-memory/set-memory-limit")
    def test_high_memory_set_memory_limit(self, name):
        self.incident(HighMemory).resident(240)
        self.carry_out(name, DEPLOYMENT, heal=self.heal_all)

    @carries_out("high-memory/restart")
    def test_high_memory_restart(self, name):
        self.incident(HighMemory).resident(200)
        self.world.prometheus.answers[r"deriv\(process_resident"] = 20000
        self.world.prometheus.answers[r"delta\(provider_discord_resources"] = 0
        self.carry_out(name, DEPLOYMENT, *self.with_prometheus(),
                       heal=self.heal_all)

    # Circuit Breaker Open and Rate Limit

    @carries_out("circuit-breaker-open/try-breaker")
    def test_circuit_breaker_try_breaker(self, name):
        self.incident(CircuitBreakerOpen).open(30, "guild")
        self.carry_out(name, GUILD, heal=self.world.provider.reset)

    @carries_out("circuit-breaker-open/replace-token")
    def test_circuit_breaker_replace_token(self, name):
        self.new_token()
        self.incident(CircuitBreakerOpen).open(600, "channel")
        self.world.revoke_token()
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    @refuses("circuit-breaker-open/restart")
    def test_circuit_breaker_restart_is_vetoed_while_its_cause_lasts(self, name):
        incident = self.incident(CircuitBreakerOpen)
        incident.open(600, "channel")
        incident.outage()
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed(name, reason=".")

    @carries_out("rate-limit/poll-less")
    def test_rate_limit_poll_less(self, name):
        self.incident(RateLimit).requests(120)
        self.carry_out(name, ROLE, heal=self.heal_all)

    @refuses("rate-limit/restart")
    def test_rate_limit_restart_is_vetoed(self, name):
        self.incident(RateLimit).requests(120)
        self.world.provider.state["discord"][0]["invalidRequests"]["inTenMinutes"] = 9000
        self.vetoed(name, reason=".")

    # Reconciliation Stuck

    @carries_out("reconciliation-stuck/request-reconcile")
    def test_reconciliation_stuck_request_reconcile(self, name):
        self.incident(ReconciliationStuck)
        self.world.patch(CHANNEL, unready(7200), status=True)
        self.carry_out(name, CHANNEL, heal=self.statuses_back)

    @carries_out("reconciliation-stuck/unpause")
    def test_reconciliation_stuck_unpause(self, name):
        self.incident(ReconciliationStuck).annotate(CHANNEL, {"crossplane.io/paused": "true"})
        self.carry_out(name, CHANNEL)

    @carries_out("reconciliation-stuck/replace-token")
    def test_reconciliation_stuck_replace_token(self, name):
        self.world.patch(CHANNEL, unready(7200, "no token"), status=True)
        self.world.delete(SECRET)
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    @carries_out("reconciliation-stuck/restart")
    def test_reconciliation_stuck_restart(self, name):
        self.world.provider.counter("controller_runtime_reconcile_total", 90, 0,
                                    controller="managed", result="success")
        self.world.provider.state["queue"]["oldestSeconds"] = 3600
        self.carry_out(name, DEPLOYMENT, heal=self.heal_all)

    # Security Incident Response and Disaster Recovery

    def paused(self):
        for path in (GUILD, ROLE, CHANNEL):
            self.world.patch(path, {"metadata": {"annotations": {"crossplane.io/paused": "true"}}})

    def are_paused(self):
        return ["crossplane.io/paused" in self.look(path)["metadata"]["annotations"]
                for path in (GUILD, ROLE, CHANNEL)]

    @carries_out("security-incident/pause")
    def test_security_incident_pause(self, name):
        incident = self.incident(SecurityIncident)
        self.world.as_owner("POST", incident.roles, {"name": "backdoor"})
        seen = []
        self.carry_out(name, CHANNEL, heal=lambda: seen.append(self.are_paused()))
        self.assertEqual(seen, [[True] * 3])
        self.assertEqual(self.are_paused(), [False] * 3)

    @carries_out("security-incident/pause")
    def test_security_incident_pause_on_suspicion(self, name):
        """A person knows of an attack before the audit log does."""
        self.carry_out(name, CHANNEL)

    def test_a_plan_that_no_check_proposes(self):
        report, done = self.fix("high-memory/restart", "--yes")
        self.ended(report, done, "notProposed")
        self.assertEqual(done.returncode, 4)
        self.assertRegex(report["message"], "no check of high-memory proposes restart now")

    @carries_out("security-incident/unpause")
    def test_security_incident_unpause(self, name):
        self.paused()
        seen = []
        self.carry_out(name, CHANNEL, heal=lambda: seen.append(self.are_paused()))
        self.assertEqual(seen, [[False] * 3])
        self.assertEqual(self.are_paused(), [True] * 3)

    @carries_out("disaster-recovery/unpause")
    def test_disaster_recovery_unpause(self, name):
        incident = self.incident(DisasterRecovery)
        self.paused()
        self.carry_out(name, CHANNEL, "--backup", incident.backup)

    @carries_out("security-incident/replace-token")
    def test_security_incident_replace_token(self, name):
        self.new_token()
        self.incident(SecurityIncident)
        self.world.kubelet.lines.append(f"Authorization: Bot {TOKEN}")
        self.carry_out(name, SECRET, token=NEW_TOKEN)

    @carries_out("disaster-recovery/restore")
    def test_disaster_recovery_restore(self, name):
        """It makes what is gone, of every kind: the sets of rights are not for that."""
        incident = self.incident(DisasterRecovery)
        self.world.remember_discord()
        channel = self.look(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("DELETE", f"/channels/{channel}", None)
        report, done = self.fix(name, "--yes", "--backup", incident.backup)
        self.assertRegex(done.stdout + done.stderr, "403 Forbidden: .* Nothing was changed")
        with self.as_administrator():
            self.carry_out(name, CHANNEL, "--backup", incident.backup, heal=self.statuses_back)

    @contextlib.contextmanager
    def as_administrator(self):
        self.world.kubeconfig, before = self.world.admin, self.world.kubeconfig
        try:
            yield
        finally:
            self.world.kubeconfig = before
