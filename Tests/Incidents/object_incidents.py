"""Incidents of Reconciliation Stuck, Security Incident Response and Disaster Recovery."""

import json
import os
import tempfile
import time
import urllib.request

from incident import IncidentTest, healthy
from world import DEPLOYMENTS, NAMESPACE, RBAC, SECRET, TOKEN, ago, managed

GUILD = managed("guild") + "/team"
ROLE = managed("role") + "/moderator"
CHANNEL = managed("channel") + "/general"
KINDS = ("guilds.guild.discord.crossplane.io,channels.channel.discord.crossplane.io,"
         "roles.role.discord.crossplane.io")
AT_ONCE = "thresholds: {reconciliation-stuck: {stuck_warn: 0, stuck_fail: 0}}\n"


def unready(seconds, message="MissingPermissions: the bot may not", generation=1):
    since = ago(seconds)
    return {"status": {"conditions": [
        {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": message,
         "lastTransitionTime": since, "observedGeneration": generation},
        {"type": "Ready", "status": "False", "reason": "Unavailable", "lastTransitionTime": since,
         "observedGeneration": generation}]}}


READY = {"conditions": [
    {"type": kind, "status": "True", "reason": "Available", "lastTransitionTime": ago(60),
     "observedGeneration": 1} for kind in ("Synced", "Ready")]}


class ObjectIncident(IncidentTest):
    def annotate(self, path, annotations, labels=None):
        self.world.patch(path, {"metadata": {"annotations": annotations, "labels": labels or {}}})

    def channel(self, name, spec=None, status=None, annotations=None, finalizers=None):
        return self.world.create(managed("channel"), {
            "apiVersion": "channel.discord.crossplane.io/v1alpha1", "kind": "Channel",
            "metadata": {"name": name, "namespace": NAMESPACE, "annotations": annotations or {},
                         "finalizers": finalizers or []},
            "spec": {"forProvider": {"name": name, "type": 0, "guildIdRef": {"name": "team"},
                                     **(spec or {})}}}, status or READY)


class ReconciliationStuck(ObjectIncident):
    runbook = "reconciliation-stuck"
    test_healthy = healthy(runbook)

    def test_channel_is_refused(self):
        self.world.patch(CHANNEL, unready(7200), status=True)
        self.expect("resource.not_synced", code=6, plan="request-reconcile",
                    calls=["Platform Team"])

    def test_channel_is_refused_for_a_while(self):
        self.world.patch(CHANNEL, unready(900), status=True)
        self.expect("resource.not_synced", verdict="warn")

    def test_critical_channel(self):
        self.annotate(CHANNEL, {}, {"discord.crossplane.io/criticality": "critical"})
        self.world.patch(CHANNEL, unready(900), status=True)
        self.expect("resource.not_synced", verdict="warn", calls=["Platform Team"])

    def test_parent_is_not_ready(self):
        self.world.patch(GUILD, unready(7200), status=True)
        for path in (CHANNEL, ROLE):
            self.world.patch(path, unready(7100, "waits for its guild"), status=True)
        report = self.expect("parent.not_ready", code=6)
        self.assertIn("1 object", report["rootCause"]["message"])

    def test_parent_does_not_exist(self):
        self.channel("orphan", {"guildIdRef": {"name": "nobody"}}, unready(7200)["status"])
        self.expect("parent.missing", code=6)

    def test_finalizer_holds_a_deletion(self):
        self.channel("leaving", finalizers=["finalizer.managedresource.crossplane.io"])
        self.world.kube.request("DELETE", managed("channel") + "/leaving")
        time.sleep(1.1)  # a deletion cannot be dated back, and times are whole seconds
        self.expect("resource.finalizer", *self.values(AT_ONCE), code=6)

    def test_paused(self):
        self.annotate(CHANNEL, {"crossplane.io/paused": "true"})
        self.expect("resource.paused", verdict="warn", plan="unpause")

    def test_create_is_undecided(self):
        self.annotate(CHANNEL, {"crossplane.io/external-create-pending": ago(7200),
                                "crossplane.io/external-create-succeeded": None})
        self.expect("resource.create_pending", code=6)

    def test_change_was_not_looked_at(self):
        self.channel("changed")
        self.world.kube.request("PATCH", managed("channel") + "/changed",
                                {"spec": {"forProvider": {"topic": "new"}}})
        time.sleep(1.1)
        self.expect("resource.generation_lag", *self.values(AT_ONCE), code=6)

    def test_provider_config_is_missing(self):
        self.channel("elsewhere", None, unready(7200, "no ProviderConfig other", 2)["status"])
        self.world.kube.request("PATCH", managed("channel") + "/elsewhere",
                                {"spec": {"providerConfigRef": {"name": "other"}}})
        self.expect("providerconfig.missing", code=6, victims=["RS-002"])

    def test_secret_is_missing(self):
        self.world.patch(CHANNEL, unready(7200, "no token"), status=True)
        self.world.delete(SECRET)
        self.expect("secret.missing", code=6, victims=["RS-002"])

    def test_nothing_is_reconciled(self):
        self.world.provider.counter("controller_runtime_reconcile_total", 90, 0,
                                    controller="managed", result="success")
        self.world.provider.state["queue"]["oldestSeconds"] = 3600
        self.expect("reconcile.idle", code=6, plan="restart")

    def test_nothing_is_reconciled_as_prometheus_says(self):
        self.world.provider.counter("controller_runtime_reconcile_total", 90, 0,
                                    controller="managed", result="success")
        self.expect("reconcile.idle", *self.with_prometheus(), code=6)

    def test_long_queue(self):
        self.world.provider.gauge("workqueue_depth", 4000, name="managed", controller="managed",
                                  priority="low")
        self.expect("queue.backlog", verdict="warn")

    def test_the_log_tells_of_failed_reconciles(self):
        self.world.kubelet.lines.append('{"level":"error","message":"reconcile failed"}')
        self.expect("log.reconcile", verdict="warn")

    def test_script_fails(self):
        self.world.provider.counter("provider_discord_script_failures_total", 0, 5,
                                    module="resources.channel", kind="runtime")
        self.world.patch(CHANNEL, unready(7200, "the rule failed"), status=True)
        self.expect("script.failing", code=6, victims=["RS-002"])


class SecurityIncident(ObjectIncident):
    runbook = "security-incident"
    test_healthy = healthy(runbook)

    def setUp(self):
        self.world.remember_discord()
        self.roles = f"/guilds/{self.world.guild}/roles"

    def test_role_made_by_somebody(self):
        self.world.as_owner("POST", self.roles, {"name": "backdoor"})
        self.expect("audit.role", code=6, plan="pause", calls=["Security Team", "Platform Team"])

    def test_permissions_given_by_somebody(self):
        role = self.world.kube.get(ROLE)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("PATCH", f"{self.roles}/{role}", {"permissions": "8"})
        self.expect("audit.permission", code=6, calls=["Security Team"])

    def test_overwrite_by_somebody(self):
        name = self.world.kube.get(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("PUT", f"/channels/{name}/permissions/{self.world.guild}",
                            {"type": 0, "allow": "1024", "deny": "0"})
        self.expect("audit.permission", code=6)

    def test_webhook_made_by_somebody(self):
        name = self.world.kube.get(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("POST", f"/channels/{name}/webhooks", {"name": "leak"})
        self.expect("audit.webhook", code=6, calls=["Security Team"])

    def test_bot_added_by_somebody(self):
        state = self.world.control.get("/state")
        guild = next(one for one in state["guilds"] if one["id"] == self.world.guild)
        # Milliseconds since 2015 are the upper bits of an ID.
        now = int(time.time() * 1000) - 1420070400000 << 22
        guild["audit_log"].append({
            "id": str(now), "action_type": 28, "user_id": guild["owner_id"], "target_id": str(now)})
        self.world.control.request("PUT", "/state", state)
        self.expect("audit.bot", code=6, calls=["Security Team", "Platform Team"])

    def test_log_tells_of_security(self):
        self.world.kubelet.lines.append('{"level":"warning","message":"security: odd request"}')
        self.expect("log.security", verdict="warn")

    def test_our_token_is_used_by_somebody(self):
        request = urllib.request.Request(
            f"{self.world.discord_url}{self.roles}", json.dumps({"name": "thief"}).encode(),
            {"Authorization": f"Bot {TOKEN}", "Content-Type": "application/json",
             "User-Agent": "DiscordBot (https://example.invalid, 1)"}, method="POST")
        urllib.request.urlopen(request, timeout=10).read()
        self.expect("audit.own_bot", code=6, plan="replace-token", victims=["SI-003"],
                    calls=["Security Team"])

    def test_token_in_the_log(self):
        self.world.kubelet.lines.append(f"Authorization: Bot {TOKEN}")
        report = self.expect("token.in_logs", code=6, plan="replace-token",
                             calls=["Security Team"])
        self.assertNotIn(TOKEN, json.dumps(report))

    def reader(self, subject):
        base = f"{RBAC}/namespaces/{NAMESPACE}"
        self.world.create(f"{base}/roles", {
            "metadata": {"name": "reader"}, "rules": [
                {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]})
        self.world.create(f"{base}/rolebindings", {
            "metadata": {"name": "reader"}, "subjects": [
                {"apiGroup": "rbac.authorization.k8s.io", **subject}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role",
                        "name": "reader"}})

    def test_somebody_may_read_the_secret(self):
        self.reader({"kind": "User", "name": "mallory"})
        self.expect("rbac.secret_readers", verdict="warn")

    def test_everybody_may_read_the_secret(self):
        self.reader({"kind": "Group", "name": "system:authenticated"})
        self.expect("rbac.secret_public", code=6, calls=["Security Team"])

    def test_secret_changed_lately(self):
        self.world.patch(SECRET, {"stringData": {"note": "new"}})
        self.expect("secret.changed", verdict="warn")

    def test_token_revoked(self):
        self.world.revoke_token()
        self.expect("auth.401", code=6, calls=["Security Team"])

    def test_many_refusals(self):
        self.world.provider.gauge("provider_discord_invalid_requests", 4000)
        self.expect("auth.refusals", verdict="warn")

    def test_token_of_another_bot(self):
        self.expect("token.other_bot", *self.values('values: {botId: "1"}\n'), code=6)


class DisasterRecovery(ObjectIncident):
    runbook = "disaster-recovery"

    def setUp(self):
        self.backup = tempfile.mkdtemp(dir=self.world.folder)
        self.save("objects.yaml", KINDS, "-A")
        self.save("provider-config.yaml", "providerconfigs.discord.crossplane.io")
        self.write("discord-secrets.yaml.age", "age-encryption.org/v1\n")
        self.write("discord-state.json", "{}")

    def write(self, name, text, seconds=0):
        path = os.path.join(self.backup, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.utime(path, (time.time() - seconds,) * 2)

    def save(self, name, *what):
        """A real kubectl saves, as the document says."""
        self.write(name, self.world.kubectl.run("get", *what, "-o", "yaml"))

    def expect(self, cause, *arguments, **options):
        return super().expect(cause, "--backup", self.backup, *arguments, **options)

    def test_healthy(self):
        report, code = self.report("--backup", self.backup)
        self.assertEqual([one for one in report["checks"] if one["status"] != "pass"], [])
        self.assertEqual((report["verdict"], code), ("pass", 0))

    def test_no_backup_is_no_pass(self):
        report, code = self.report()
        self.assertEqual((report["verdict"], code), ("unknown", 5))

    def test_configuration_is_stale(self):
        os.utime(f"{self.backup}/objects.yaml", (time.time() - 2 * 86400,) * 2)
        self.expect("backup.stale_config", code=6)

    def test_state_is_stale(self):
        self.write("discord-state.json", "{}", 3 * 3600)
        self.expect("backup.stale_state", code=6)

    def test_no_state(self):
        os.remove(f"{self.backup}/discord-state.json")
        self.expect("backup.no_state", verdict="warn")

    def test_saved_as_the_document_says(self):
        """`roles` are Kubernetes' own: Discord's are silently left out."""
        self.save("objects.yaml", "guilds,channels,roles", "-A")
        report = self.expect("backup.roles_missing")
        self.assertIn("Kubernetes' own", report["rootCause"]["message"])

    def test_channels_are_missing(self):
        self.save("objects.yaml", KINDS.split(",")[0] + "," + KINDS.split(",")[2], "-A")
        self.expect("backup.kind_missing", victims=["DR-009"])

    def test_secret_in_clear_text(self):
        self.save("discord-secrets-backup.yaml", "secret", "discord-credentials", "-n", NAMESPACE)
        report = self.expect("backup.secret_plain", code=6, calls=["Security Team"])
        self.assertNotIn(TOKEN, json.dumps(report))

    def test_no_secret(self):
        os.remove(f"{self.backup}/discord-secrets.yaml.age")
        self.expect("backup.secret_missing")

    def test_backup_of_nothing(self):
        self.save("objects.yaml", KINDS, "-n", "default")
        os.remove(f"{self.backup}/provider-config.yaml")
        self.expect("backup.empty")

    def test_external_names_were_cleaned_away(self):
        with open(f"{self.backup}/objects.yaml", encoding="utf-8") as file:
            lines = [line for line in file if "crossplane.io/external-name" not in line]
        self.write("objects.yaml", "".join(lines))
        self.expect("backup.external_names")

    def test_broken_file(self):
        self.write("objects.yaml", "items: [}\n")
        self.expect("backup.unreadable")

    def test_an_object_was_left_out(self):
        self.channel("later", annotations={"crossplane.io/external-name": "77"})
        time.sleep(1.1)
        for name in ("objects.yaml", "provider-config.yaml"):
            with open(f"{self.backup}/{name}", encoding="utf-8") as file:
                text = file.read()
            self.write(name, text)
        self.expect("backup.incomplete")

    def test_version_is_not_served(self):
        with open(f"{self.backup}/objects.yaml", encoding="utf-8") as file:
            text = file.read()
        self.write("objects.yaml", text.replace("role.discord.crossplane.io/v1alpha1",
                                                "role.discord.crossplane.io/v1beta1"))
        self.expect("backup.crd_version")

    def test_channel_is_gone_from_discord(self):
        self.world.remember_discord()
        name = self.world.kube.get(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.world.as_owner("DELETE", f"/channels/{name}", None)
        self.expect("discord.lost", plan="restore")

    def test_two_objects_for_one_channel(self):
        name = self.world.kube.get(CHANNEL)["metadata"]["annotations"]["crossplane.io/external-name"]
        self.channel("twin", annotations={"crossplane.io/external-name": name})
        self.expect("restore.duplicates")

    def down(self, seconds):
        self.world.patch(f"{DEPLOYMENTS}/provider-discord", {"status": {
            "availableReplicas": 0, "readyReplicas": 0, "conditions": [
                {"type": "Available", "status": "False", "lastTransitionTime": ago(seconds)}]}},
            status=True)

    def test_recovery_is_under_way(self):
        self.down(300)
        self.expect("rto.running", verdict="warn", calls=["On-call Engineer"])

    def test_provider_takes_too_long(self):
        self.down(1200)
        self.expect("rto.provider", code=6, calls=["On-call Engineer"])

    def test_objects_take_too_long(self):
        self.world.patch(CHANNEL, unready(2400), status=True)
        self.expect("rto.objects", code=6, calls=["On-call Engineer", "Platform Team Lead"])

    def test_service_takes_too_long(self):
        """Each part is within its time, and the whole is not."""
        self.down(4000)
        self.expect("rto.service", *self.values(
            "thresholds: {disaster-recovery: {rto_provider: 90, rto_objects: 90}}\n"), code=6,
            calls=["On-call Engineer", "Platform Team Lead", "CTO"])

    def test_everything_takes_too_long(self):
        self.down(4000)
        self.expect("rto.provider", code=6, victims=["DR-014"],
                    calls=["On-call Engineer", "Platform Team Lead", "CTO"])
