"""The base of the incident tests: one world for all of them, healthy again after each. The runbooks are
run with the rights of people on call."""

import atexit
import tempfile
import unittest

import on_call
from world import World

DUE = 6


class IncidentTest(unittest.TestCase):
    """A test spoils something; the runbook must name that cause and no other."""

    runbook = ""
    world = None

    @classmethod
    def setUpClass(cls):
        if IncidentTest.world is None:
            world = World()
            world.__enter__()
            atexit.register(world.__exit__)
            on_call.take_over(world)
            IncidentTest.world = world

    def tearDown(self):
        self.world.reset()

    def values(self, text):
        """A values file of the incident."""
        file = tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=self.world.folder, delete=False)
        with file:
            file.write(text)
        return ["--values", file.name]

    def with_prometheus(self):
        return ["--prometheus", f"http://127.0.0.1:{self.world.prometheus.port}"]

    def report(self, *arguments, **options):
        report, code = self.world.run(options.pop("runbook", self.runbook), *arguments, **options)
        return report, code

    def expect(self, cause, *arguments, verdict="fail", code=None, calls=None, plan=None,
               victims=(), **options):
        """Runs the runbook, and holds its verdict against what was spoilt."""
        report, ended = self.report(*arguments, **options)
        shown = "\n".join(f"{one['status']:8}{one['id']} {one.get('cause') or ''}: "
                          f"{one['message']}" for one in report["checks"]
                          if one["status"] != "pass")
        root = report.get("rootCause") or {}
        self.assertEqual(root.get("cause"), cause, shown)
        self.assertEqual(report["verdict"], verdict, shown)
        self.assertEqual(ended, code or {"fail": 3, "warn": 4}[verdict], shown)
        # No other cause: whatever else failed must go back to this one.
        known = {root["check"], *root["explains"]}
        others = [one for one in report["checks"]
                  if one["status"] == "fail" and one["id"] not in known]
        self.assertEqual([one["id"] for one in others], [], shown)
        for victim in victims:
            self.assertIn(victim, root["explains"], shown)
        if calls:
            due = {one["to"] for one in report["escalations"] if one["now"]}
            self.assertLessEqual(set(calls), due, report["escalations"])
        if plan:
            self.assertIn(plan, [one["id"] for one in report["plans"]], shown)
        return report


def healthy(name):
    """A test that the healthy system gives no fail and no warn."""
    def test(self):
        report, code = self.report(runbook=name)
        bad = [one for one in report["checks"] if one["status"] in ("fail", "warn", "unknown")]
        self.assertEqual(bad, [])
        self.assertEqual((report["verdict"], code), ("pass", 0))
    return test

