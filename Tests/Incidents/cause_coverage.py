"""Every cause that a runbook can name has an incident that must lead to it."""

import glob
import os
import re
import unittest

from world import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
# What a runbook may ask for.
CAPABILITIES = {"backup.read", "discord.read", "kube.read", "metrics.read", "net.probe",
                "provider.read", "secret.fingerprint"}
WORDS = re.compile(r'"([a-z0-9_]+\.[a-z0-9_]+)"')


def texts(*patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            with open(path, encoding="utf-8") as file:
                yield path, file.read()


def causes():
    """The dotted words of the runbooks that are neither capabilities nor names of files or modules."""
    found = set()
    for path, text in texts(os.path.join(ROOT, "scripts", "runbooks", "*.lua"),
                            os.path.join(ROOT, "scripts", "lib", "runbook_*.lua")):
        if path.endswith(("_cases.lua", "runbook_situations.lua")):
            continue
        text = re.sub(r"--[^\n]*", "", text)
        found |= {word for word in WORDS.findall(text)
                  if not word.startswith("lib.") and not word.endswith((".json", ".log"))}
        found |= {f"audit.{name}" for name in re.findall(r'none_of\("[^"]+", "(\w+)"', text)}
    return found - CAPABILITIES


class Causes(unittest.TestCase):
    def test_every_cause_has_an_incident(self):
        incidents = set()
        for _, text in texts(os.path.join(HERE, "*_incidents.py")):
            incidents |= set(re.findall(r'\.expect\(\s*"([^"]+)"', text))
        self.assertGreater(len(incidents), 90)
        self.assertEqual(causes() - incidents, set())
