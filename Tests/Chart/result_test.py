"""What tools/test-result.sh says of a run, and whether it lets it pass."""

import os
import subprocess
import tempfile
import unittest

import scenarios

PASSED = """✔ Test "a" passed after 0.1 seconds.
✔ Test run with 714 tests in 93 suites passed after 291.231 seconds.
✔ Test run with 116 tests in 28 suites passed after 94.257 seconds.
"""
SKIPPED = """➜ Test aBigOne() skipped: "at full size only"
➜ Test anotherBigOne() skipped: "at full size only"
➜ Test forNoReason() skipped.
"""
FAILED = """✘ Test "b" failed after 0.1 seconds with 1 issue.
✘ Test run with 3 tests in 1 suites failed after 0.2 seconds with 1 issue.
"""
OTHERS_PASSED = "Ran 3 tests with peers\nRan 133 tests in 68.083s\n\nOK\n"
OTHERS_FAILED = ("FAIL: test_x (y.Z.test_x)\nRan 70 tests in 3.0s\n\n"
                 "FAILED (failures=1, errors=2)\n")


class Result(unittest.TestCase):
    def said(self, swift, others, *statuses):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for name, text in (("swift", swift), ("others", others)):
                files.append(os.path.join(folder, name))
                with open(files[-1], "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run(
                [os.path.join(scenarios.ROOT, "tools", "test-result.sh"), *files,
                 *map(str, statuses)], capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr

    def test_everything_passed(self):
        status, said = self.said(PASSED, OTHERS_PASSED, 0, 0, 0)
        self.assertEqual(status, 0, said)
        self.assertTrue(said.endswith("\n966 passed, 0 failed\n"), said)

    def test_what_was_skipped_is_told_with_its_reason_and_did_not_pass(self):
        status, said = self.said(
            SKIPPED + PASSED, "test_y (y.Z.test_y) ... skipped 'no docker'\n" + OTHERS_PASSED, 0, 0, 0)
        self.assertEqual(status, 0, said)
        for line in ("2 skipped: at full size only", "1 skipped: no docker",
                     "1 skipped: without a reason"):
            self.assertIn("\n" + line + "\n", said)
        self.assertTrue(said.endswith("\n962 passed, 0 failed\n"), said)

    def test_a_filtered_run_has_no_others(self):
        self.assertEqual(self.said(PASSED, "", 0, 0, 0)[0], 0)

    def test_a_swift_test_failed(self):
        status, said = self.said(FAILED, OTHERS_PASSED, 1, 0, 0)
        self.assertEqual(status, 1)
        self.assertIn('Test "b" failed', said)
        self.assertTrue(said.endswith("\n138 passed, 1 failed\n"), said)

    def test_others_failed(self):
        status, said = self.said(PASSED, OTHERS_FAILED, 0, 1, 0)
        self.assertEqual(status, 1)
        self.assertIn("FAIL: test_x", said)
        self.assertTrue(said.endswith("\n897 passed, 3 failed\n"), said)

    def test_a_failure_in_the_output_counts_though_the_runner_ended_well(self):
        self.assertEqual(self.said(PASSED + FAILED, OTHERS_PASSED, 0, 0, 0)[0], 1)
        self.assertEqual(self.said(PASSED, OTHERS_FAILED, 0, 0, 0)[0], 1)

    def test_a_tool_of_the_others_that_could_not_start(self):
        status, said = self.said(PASSED, OTHERS_PASSED, 0, 2, 0)
        self.assertEqual(status, 2)
        self.assertIn("1 failed", said)

    def test_a_token_was_said(self):
        self.assertEqual(self.said(PASSED, OTHERS_PASSED, 0, 0, 1)[0], 1)

    def test_nothing_ran(self):
        status, said = self.said("error: no such file", "", 1, 0, 0)
        self.assertEqual(status, 1)
        self.assertIn("no test was executed", said)

    def test_the_runner_hung(self):
        status, said = self.said(PASSED, OTHERS_PASSED, 124, 0, 0)
        self.assertEqual(status, 124)
        self.assertIn("did not end within", said)
