"""Incidents of Provider Down and of High Memory Usage."""

from incident import IncidentTest, healthy
from world import (CONFIGS, DEPLOYMENTS, IN_NAMESPACE, LEASES, NAMESPACE, PODS, SECRET, ago)

DEPLOYMENT = f"{DEPLOYMENTS}/provider-discord"
POD = f"{PODS}/provider-discord-abc"
OOM = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": "2026-01-01T00:00:00Z",
                      "finishedAt": ago(300)}}


def container(state, last=None, restarts=4, ready=False):
    return {"status": {"containerStatuses": [{
        "name": "provider", "image": "provider-discord:2", "imageID": "sha256:2", "ready": ready,
        "restartCount": restarts, "state": state, "lastState": last or {}}]}}


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, "message": message}}


class ProviderDown(IncidentTest):
    runbook = "provider-down"
    test_healthy = healthy(runbook)

    def down(self, seconds=60):
        """No replica is available, and nothing answers."""
        self.world.provider.is_up = False
        self.world.patch(DEPLOYMENT, {"status": {
            "availableReplicas": 0, "readyReplicas": 0, "unavailableReplicas": 1,
            "conditions": [{"type": "Available", "status": "False",
                            "lastTransitionTime": ago(seconds)}]}}, status=True)

    def pod(self, body):
        self.world.patch(POD, body, status=True)

    def test_killed_for_memory(self):
        self.down(seconds=1200)
        self.pod(container(waiting("CrashLoopBackOff", "back-off"), OOM))
        self.expect("pod.oomkilled", code=6, plan="set-memory-limit",
                    victims=["PD-002", "PD-012"],
                    calls=["Platform Team", "SRE Team", "On-call Engineer"])

    def test_image_cannot_be_pulled(self):
        self.down()
        self.pod(container(waiting("ImagePullBackOff", "not found"), restarts=0))
        self.expect("pod.image_pull", code=6, plan="roll-back-image", calls=["Platform Team"])

    def test_crash_loop_by_a_missing_secret(self):
        self.down()
        self.world.delete(SECRET)
        self.pod(container(waiting("CrashLoopBackOff"), {"terminated": {
            "reason": "Error", "exitCode": 1, "finishedAt": ago(60)}}))
        self.expect("secret.missing", code=6, plan="replace-token", victims=["PD-002", "PD-003"])

    def test_crash_loop(self):
        self.down()
        self.pod(container(waiting("CrashLoopBackOff"), {"terminated": {
            "reason": "Error", "exitCode": 2, "finishedAt": ago(60)}}))
        report = self.expect("pod.crashloop", code=6, plan="restart-pod")
        last = next(one for one in report["checks"] if one["id"] == "PD-004")
        self.assertEqual(last["lines"], ["the container ended"])

    def test_container_cannot_be_configured(self):
        self.down()
        self.pod(container(waiting("CreateContainerConfigError", "no such secret"), restarts=0))
        self.expect("pod.config_error", code=6)

    def test_no_node_has_room(self):
        self.down()
        self.pod({"status": {"phase": "Pending", "containerStatuses": [], "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
             "message": "0/3 nodes are available"}]}})
        self.expect("pod.unschedulable", code=6)

    def test_evicted(self):
        self.down()
        self.pod({"status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory",
                             "containerStatuses": []}})
        self.expect("pod.evicted", code=6)

    def test_node_does_not_answer(self):
        self.down()
        self.world.patch("/api/v1/nodes/node-1", {"status": {"conditions": [
            {"type": "Ready", "status": "Unknown", "message": "kubelet stopped posting"}]}},
            status=True)
        self.expect("node.not_ready", code=6)

    def test_no_replica_for_a_reason_that_shows_nowhere(self):
        self.down()
        self.expect("deployment.unavailable", code=6, plan="restart-pod", victims=["PD-012"])

    def test_no_pod(self):
        """Not even one that failed, and no word about why."""
        self.down()
        self.world.delete(POD)
        self.expect("pod.none", code=6, victims=["PD-002"])

    def test_node_is_gone(self):
        self.down()
        self.world.delete("/api/v1/nodes/node-1")
        self.expect("node.gone", code=6, plan="restart-pod", victims=["PD-002"])

    def test_node_has_no_disk_left(self):
        self.down()
        self.world.patch("/api/v1/nodes/node-1", {"status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "True"}]}},
            status=True)
        self.expect("node.disk_pressure", code=6)

    def test_node_under_memory_pressure(self):
        self.down()
        self.world.patch("/api/v1/nodes/node-1", {"status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "MemoryPressure", "status": "True"}]}},
            status=True)
        self.expect("node.memory_pressure", code=6)

    def test_lease_of_a_dead_holder(self):
        self.world.provider.is_up = False
        self.world.create(LEASES, {
            "metadata": {"name": "provider-discord", "namespace": NAMESPACE},
            "spec": {"holderIdentity": "provider-discord-old", "leaseDurationSeconds": 15,
                     "renewTime": ago(600)[:-1] + ".000000Z"}})
        self.expect("lease.dead_holder", plan="release-lease", victims=["PD-012"])

    def test_no_provider_config(self):
        self.down()
        self.world.delete(f"{CONFIGS}/default")
        self.expect("providerconfig.missing", code=6)

    def test_deployment_deleted(self):
        self.world.provider.is_up = False
        self.world.delete(POD)
        self.world.delete(DEPLOYMENT)
        self.expect("deployment.missing", code=6, calls=["Platform Team"])

    def test_scaled_to_none(self):
        self.down()
        self.world.patch(DEPLOYMENT, {"spec": {"replicas": 0}})
        self.world.delete(POD)
        self.expect("deployment.scaled_to_zero", code=6)

    def event(self, reason, kind, name):
        self.world.create(f"{IN_NAMESPACE}/events", {
            "metadata": {"name": f"{name}.1", "namespace": NAMESPACE}, "type": "Warning",
            "reason": reason, "message": "it did not work", "count": 1,
            "firstTimestamp": ago(30), "lastTimestamp": ago(30),
            "involvedObject": {"kind": kind, "name": name, "namespace": NAMESPACE}})

    def test_volume_cannot_be_mounted(self):
        self.down()
        self.pod({"status": {"phase": "Pending", "containerStatuses": []}})
        self.event("FailedMount", "Pod", "provider-discord-abc")
        self.expect("pod.failed_mount", code=6)

    def test_no_network_for_the_pod(self):
        self.down()
        self.pod({"status": {"phase": "Pending", "containerStatuses": []}})
        self.event("FailedCreatePodSandBox", "Pod", "provider-discord-abc")
        self.expect("pod.sandbox", code=6)

    def test_kubernetes_warns_of_something_else(self):
        self.event("NodeNotReady", "Pod", "provider-discord-abc")
        self.expect("events.warning", verdict="warn")

    def test_quota_used_up(self):
        self.down()
        self.world.delete(POD)
        self.event("FailedCreate", "ReplicaSet", "provider-discord-6f")
        self.expect("pod.failed_create", code=6, victims=["PD-002", "PD-003"])

    def test_many_restarts(self):
        self.pod(container({"running": {"startedAt": ago(60)}}, {"terminated": {
            "reason": "Error", "exitCode": 1, "finishedAt": ago(90)}}, restarts=9, ready=True))
        self.expect("pod.restarts", verdict="warn")

    def test_process_does_not_answer(self):
        self.world.provider.is_up = False
        self.expect("provider.unreachable")

    def test_process_is_stuck(self):
        self.world.provider.is_live = False
        self.expect("provider.not_live", plan="restart-pod")

    def test_package_is_unhealthy(self):
        """Crossplane installed the provider, and says that its new package does not work."""
        self.down()
        self.world.create("/apis/pkg.crossplane.io/v1/providers", {
            "apiVersion": "pkg.crossplane.io/v1", "kind": "Provider",
            "metadata": {"name": "provider-discord"},
            "spec": {"package": "example.org/provider-discord:v2"}}, {"conditions": [
                {"type": "Installed", "status": "True"},
                {"type": "Healthy", "status": "False", "reason": "UnhealthyPackageRevision"}]})
        self.expect("package.unhealthy", code=6, plan="roll-back-image", victims=["PD-002"])

    def test_waiting_ends_when_all_is_well(self):
        """The provider answers again once a run has found that it does not."""
        provider, handle = self.world.provider, self.world.provider.handle
        provider.is_up = False

        def seen(*request):
            answer = handle(*request)
            provider.is_up = True
            return answer
        provider.handle = seen
        self.addCleanup(delattr, provider, "handle")
        report, code = self.report("--wait", "60s")
        self.assertEqual((report["verdict"], code), ("pass", 0), report)

    def test_prometheus_does_not_know_it(self):
        del self.world.prometheus.answers[r"^max\(up"]
        self.expect("metrics.no_target", *self.with_prometheus())

    def test_prometheus_does_not_reach_it(self):
        self.world.prometheus.answers[r"^max\(up"] = 0
        self.expect("metrics.not_scraped", *self.with_prometheus())

    def test_rights_are_missing(self):
        report = self.expect("rights.missing", verdict="warn",
                             kubeconfig=self.world.without_rights)
        self.assertIn("unknown", {one["status"] for one in report["checks"]})

    def test_api_server_is_down(self):
        dead = f"{self.world.folder}/dead.kubeconfig"
        with open(self.world.kubeconfig, encoding="utf-8") as file:
            text = file.read()
        with open(dead, "w", encoding="utf-8") as file:
            file.write(text.replace(self.world.kube.base, "https://127.0.0.1:1"))
        self.expect("kube.unreachable", code=6, kubeconfig=dead, calls=["Platform Team"])


class HighMemory(IncidentTest):
    runbook = "high-memory"
    test_healthy = healthy(runbook)

    def resident(self, mebibytes):
        self.world.provider.gauge("process_resident_memory_bytes", mebibytes << 20)

    def test_near_the_limit(self):
        self.resident(240)
        self.expect("memory.near_limit", plan="set-memory-limit")

    def test_above_three_quarters(self):
        self.resident(200)
        self.expect("memory.near_limit", verdict="warn")

    def test_above_one_gigabyte(self):
        self.world.patch(DEPLOYMENT, {"spec": {"template": {"spec": {"containers": [{
            "name": "provider", "image": "provider-discord:2",
            "resources": {"limits": {"cpu": "250m", "memory": "4Gi"}}}]}}}})
        self.resident(1200)
        self.expect("memory.over_maximum", code=6, calls=["Platform Team"])

    def test_no_limit(self):
        self.world.patch(DEPLOYMENT, {"spec": {"template": {"spec": {"containers": [{
            "name": "provider", "image": "provider-discord:2", "resources": {}}]}}}})
        self.expect("memory.no_limit", verdict="warn")

    def test_killed_once(self):
        self.world.patch(POD, container({"running": {}}, OOM, 1, True), status=True)
        self.expect("memory.oomkilled", plan="set-memory-limit")

    def test_killed_twice(self):
        self.world.patch(POD, container({"running": {}}, OOM, 2, True), status=True)
        self.expect("memory.oomkilled_repeatedly", code=6, calls=["Development Team"])

    def test_leak(self):
        self.resident(200)
        self.world.prometheus.answers[r"deriv\(process_resident"] = 20000
        self.world.prometheus.answers[r"delta\(provider_discord_resources"] = 0
        self.expect("memory.leak", *self.with_prometheus(), code=6, plan="restart",
                    victims=["HM-002"], calls=["Development Team"])

    def test_growth_with_the_objects(self):
        self.world.prometheus.answers[r"deriv\(process_resident"] = 20000
        self.world.prometheus.answers[r"delta\(provider_discord_resources"] = 40
        self.expect("memory.growth", *self.with_prometheus(), verdict="warn")

    def test_many_objects(self):
        self.resident(245)
        self.world.provider.gauge("provider_discord_resources_total", 30000,
                                  resource_type="channel", ready="True", synced="True")
        self.expect("memory.many_objects", victims=["HM-002"])

    def test_allocation_failed(self):
        self.world.kubelet.lines.append('{"level":"critical","message":"out of memory"}')
        self.expect("log.memory", verdict="warn")
