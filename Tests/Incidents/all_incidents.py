"""Incidents that several runbooks see: all of them together name one cause."""

from discord_incidents import ONLY_DNS, POLICY, TIMEOUT, HighErrorRate
from incident import IncidentTest
from workload_incidents import OOM, ProviderDown, container, waiting
from world import SECRET, ago


class AllRunbooks(IncidentTest):
    def incident(self, kind):
        """The ways in which another test spoils things."""
        other = kind("test_healthy")
        self.addCleanup(other.doCleanups)
        return other

    def expect_one(self, cause):
        """One root cause, to which every failure of every runbook goes back."""
        # In a second, so that what fails is no flood besides.
        report, code = self.world.run("--all", "--sample", "1s")
        checks = [one for runbook in report["runbooks"] for one in runbook["checks"]]
        failed = [one for one in checks if one["status"] == "fail"]
        shown = "\n".join(f"{one['id']} {one['cause']}: {one['message']} "
                          f"({one.get('explainedBy')})" for one in failed)
        root = report["rootCause"]
        self.assertEqual(root["cause"], cause, shown)
        self.assertEqual({one["id"] for one in failed} - {root["check"], *root["explains"]},
                         set(), shown)
        self.assertEqual(code, 6)
        # Nobody explains the root, and whatever else failed is said to be explained.
        for one in failed:
            self.assertEqual("explainedBy" in one, one["id"] != root["check"], one["id"])

    def test_provider_killed_for_memory(self):
        incident = self.incident(ProviderDown)
        incident.down(seconds=1200)
        incident.pod(container(waiting("CrashLoopBackOff", "back-off"), OOM))
        self.expect_one("pod.oomkilled")

    def test_provider_without_its_secret(self):
        incident = self.incident(ProviderDown)
        incident.down()
        self.world.delete(SECRET)
        incident.pod(container(waiting("CrashLoopBackOff"), {"terminated": {
            "reason": "Error", "exitCode": 1, "finishedAt": ago(60)}}))
        self.expect_one("secret.missing")

    def test_token_revoked(self):
        self.world.revoke_token()
        self.incident(HighErrorRate).failing("client_error", 25)
        self.expect_one("auth.401")

    def test_egress_closed(self):
        self.world.patch(POLICY, ONLY_DNS)
        self.incident(HighErrorRate).failing("network_error", 25)
        self.world.provider.probes.update(tcp=TIMEOUT, http=TIMEOUT)
        self.expect_one("egress.blocked")

    def test_discord_fails(self):
        incident = self.incident(HighErrorRate)
        incident.outage()
        incident.failing("server_error", 25)
        self.expect_one("discord.5xx")
