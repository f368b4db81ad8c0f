"""All incidents, so that they share one world."""

import unittest

import rights

from all_incidents import AllRunbooks  # noqa: F401
from cause_coverage import Causes  # noqa: F401
from discord_incidents import (APIHealth, CircuitBreakerOpen, HighErrorRate, HighLatency,  # noqa: F401
                               RateLimit)
from object_incidents import DisasterRecovery, ReconciliationStuck, SecurityIncident  # noqa: F401
from remediation_incidents import Remediations  # noqa: F401
from workload_incidents import HighMemory, ProviderDown  # noqa: F401

def load_tests(loader, tests, _):
    """The rights are judged last, when all of them have been used."""
    tests.addTest(loader.loadTestsFromTestCase(rights.Rights))
    return tests


if __name__ == "__main__":
    unittest.main()
