"""The runbooks agree with the chart and with a live scrape, and their pages with the scripts."""

import json
import os
import subprocess
import tempfile
import unittest

import scenarios
from cluster import BINARY
from sandbox import Sandbox

SCRIPTS = os.path.join(scenarios.ROOT, "scripts")
VALUES = {"prometheusRule": {"create": True, "runbookURL": "https://example.org/docs/runbooks"}}


class Lint(unittest.TestCase):
    def test_the_runbooks_agree_with_the_chart_and_a_live_scrape(self):
        values = {**VALUES, "runbooks": {
            role: {"create": True, "subjects": [{
                "kind": "ServiceAccount", "name": "runbooks", "namespace": scenarios.NAMESPACE}]}
            for role in ("reader", "prober")}}
        with Sandbox(SCRIPTS) as sandbox, tempfile.TemporaryDirectory() as folder:
            sandbox.apply_quickstart()
            manifest = os.path.join(folder, "rendered.yaml")
            with open(manifest, "w", encoding="utf-8") as file:
                file.write("\n---\n".join(map(json.dumps, scenarios.rendered(values))))
            done = subprocess.run(
                [BINARY, "runbook", "lint", "--scripts", SCRIPTS, "--rules", manifest, "--rbac",
                 manifest, "--metrics", sandbox.health.base + "/metrics"],
                capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_pages_are_what_the_scripts_say(self):
        done = subprocess.run(
            [BINARY, "runbook", "show", "--check", os.path.join(scenarios.ROOT, "docs", "runbooks"),
             "--scripts", SCRIPTS], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
