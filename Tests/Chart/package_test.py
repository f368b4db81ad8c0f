"""The Crossplane package: the same CRDs as the chart, and a description of a provider."""

import os
import subprocess
import tempfile
import unittest

import scenarios

BUILD = os.path.join(scenarios.ROOT, "package", "build.sh")


class Package(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = os.path.join(folder, "package")
        subprocess.run([BUILD, self.folder], check=True, capture_output=True, timeout=30)

    def test_it_has_the_charts_crds_and_no_other_file(self):
        files = {os.path.relpath(os.path.join(folder, name), self.folder)
                 for folder, _, names in os.walk(self.folder) for name in names}
        self.assertEqual(files, {"crossplane.yaml"} | {
            os.path.join("crds", name) for name in os.listdir(scenarios.CRDS)})
        for name in os.listdir(scenarios.CRDS):
            self.assertEqual(scenarios.text(self.folder, "crds", name),
                             scenarios.text(scenarios.CRDS, name))

    def test_it_describes_a_provider(self):
        (provider,) = scenarios.documents(scenarios.text(self.folder, "crossplane.yaml"))
        self.assertEqual((provider["apiVersion"], provider["kind"]),
                         ("meta.pkg.crossplane.io/v1", "Provider"))
        self.assertEqual(provider["metadata"]["name"], "provider-discord")
        self.assertEqual(provider["spec"]["capabilities"], ["safe-start"])

    def test_a_folder_with_something_in_it_is_left_alone(self):
        done = subprocess.run([BUILD, self.folder], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not empty", done.stderr)


if __name__ == "__main__":
    unittest.main()
