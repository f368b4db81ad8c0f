"""What the pages for authors show works as it stands there."""

import os
import subprocess
import tempfile
import unittest

from cluster import BINARY
from docs_test import blocks


class Writing(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def save(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def block(self, document, mark):
        """The first block of Lua with this text."""
        return next(one for one in blocks(document, "lua") if mark in one)

    def said(self, *command):
        done = subprocess.run([BINARY, *command], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_first_change_of_a_rule(self):
        for kind in ("guild", "channel", "role"):
            self.save(f"resources/{kind}.lua", f'return require("shipped.{kind}")\n')
        self.save("resources/channel.lua", self.block("writing-rules", "shipped_desired"))
        self.assertEqual(self.said("scripts", "check", self.folder), "3 scripts, 0 findings\n")
        self.save("resources/channel_cases.lua", self.block("writing-rules", 'rule = "resources.'))
        self.assertRegex(self.said("scripts", "test", self.folder), "^1 case, 1 passed, 0 failed,")

    def test_the_first_runbook(self):
        self.save("runbooks/replicas.lua", self.block("writing-runbooks", 'runbook = "replicas"'))
        self.assertEqual(self.said("scripts", "check", self.folder), "1 script, 0 findings\n")
        self.save("runbooks/replicas_cases.lua",
                  self.block("writing-runbooks", 'runbook = "runbooks.replicas"'))
        self.assertRegex(self.said("scripts", "test", self.folder), "^1 case, 1 passed, 0 failed,")
        self.assertIn("replicas ", self.said("runbook", "list", "--scripts", self.folder))


if __name__ == "__main__":
    unittest.main()
