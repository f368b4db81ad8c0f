"""Makes scripts/runbooks/recordings anew, from real incidents: tools/test-incidents.sh recordings.Recordings

For when a runbook asks another question than it did then, which a recording has no answer to.
"""

import os
import subprocess

from discord_incidents import HighErrorRate
from incident import IncidentTest
from workload_incidents import OOM, ProviderDown, container, waiting
from world import BINARY, ROOT

SCRIPTS = os.path.join(ROOT, "scripts")


class Recordings(IncidentTest):
    def record(self, name, runbook, code):
        path = os.path.join(SCRIPTS, "runbooks", "recordings", f"{name}.json")
        done = subprocess.run(
            [BINARY, "runbook", "run", runbook, "--kubeconfig", self.world.admin, "--scripts",
             SCRIPTS, "--sample", "300ms", "--provider",
             f"http://127.0.0.1:{self.world.provider.port}", "--record", path,
             "--without-scripts"], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        os.chmod(path, 0o644)

    def incident(self, kind):
        other = kind("test_healthy")
        self.addCleanup(other.doCleanups)
        return other

    def test_out_of_memory(self):
        incident = self.incident(ProviderDown)
        incident.down(seconds=1200)
        incident.pod(container(waiting("CrashLoopBackOff", "back-off"), OOM))
        self.record("out-of-memory", "provider-down", 6)

    def test_token_revoked(self):
        self.world.revoke_token()
        self.incident(HighErrorRate).failing("client_error")
        self.record("token-revoked", "high-error-rate", 6)
