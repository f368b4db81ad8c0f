"""The binary in the image's runtime, which tools/test-image.sh assembles from the Dockerfile."""

import os
import subprocess
import unittest

import scenarios
from cluster import BINARY

# sysexits.h, EX_TEMPFAIL: what the tool says where a machine does not let it work.
NOT_HERE = 75


class Image(unittest.TestCase):
    def test_the_binary_runs_with_the_dockerfiles_packages(self):
        done = subprocess.run([os.path.join(scenarios.ROOT, "tools", "test-image.sh"), BINARY],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        if done.returncode == NOT_HERE:
            self.skipTest(done.stdout.strip().splitlines()[-1])
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("image: every library is there", done.stdout)


if __name__ == "__main__":
    unittest.main()
