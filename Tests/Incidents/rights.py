"""What the runbooks made of the rights of people on call, when all incidents have been found and mended:
nothing was refused, and no right is without a use. The API server's audit log is the judge.
"""

import json
import subprocess

import on_call
from accounts import granted, refused, used
from incident import IncidentTest
from world import BINARY


class Rights(IncidentTest):
    maxDiff = None

    def test_they_suffice_and_none_is_too_many(self):
        self.find_the_account_among_the_readers()
        self.run_through_the_server()
        events = self.world.audited(on_call.NAME)
        # Two plans are for administrators: what makes all that is gone anew (disaster-recovery/restore),
        # and the way back to an older package, which is Crossplane's (provider-down/roll-back-image).
        self.assertEqual({one.split("?")[0] for one in refused(events)},
                         {"patch /apis/discord.crossplane.io/v1beta1/providerconfigs/default",
                          "list /apis/pkg.crossplane.io/v1/providerrevisions"})
        self.assertEqual(granted(on_call.rights(), on_call.NAME) - used(events), set(),
                         "rights without a use")

    def find_the_account_among_the_readers(self):
        """Who may read the token's Secret is told of, unless the values name them."""
        report, _ = self.report(*self.values("values: {}\n"), runbook="security-incident")
        self.assertEqual({one["id"]: one["lines"] for one in report["checks"]
                          if one["status"] != "pass"},
                         {"SI-008": [f"ServiceAccount {on_call.SUBJECT['namespace']}/{on_call.NAME}, "
                                     "by RoleBinding provider-discord-runbook-fixer"]})

    def run_through_the_server(self):
        """Without an address of the provider the API server's proxy is the way, with rights of its own.
        Here it ends at the pod, whose address is nobody's."""
        done = subprocess.run(
            [BINARY, "runbook", "run", "api-health", "-o", "json", "--kubeconfig",
             self.world.kubeconfig, "--sample", "200ms"], capture_output=True, text=True, timeout=90)
        self.assertNotIn("forbidden", done.stdout.lower())
        self.assertTrue(json.loads(done.stdout)["checks"])
