"""The sets of rights for runbooks: what the runbooks name and no more, and what the server makes of it."""

import glob
import os
import subprocess
import tempfile
import unittest

import scenarios
from cluster import Cluster

# A runbook's file, read without its libraries: whatever they are asked, they answer with themselves.
READ = """
local stub
stub = setmetatable({}, {
  __index = function() return stub end,
  __call = function() return stub end,
  __concat = function() return "" end,
})
local environment = setmetatable({ require = function() return stub end }, { __index = _G })
local runbook = assert(loadfile(arg[1], "t", environment))()
for _, one in ipairs(runbook.rights) do
  local place = one.cluster and "cluster" or one.namespace == true and "own" or one.namespace
  local resource = one.resource .. (one.subresource and "/" .. one.subresource or "")
  print(table.concat({ place, one.group, resource, one.verb }, " "))
end
"""
SUBJECT = {"kind": "Group", "name": "on-call"}
BOUND = {"runbooks": {one: {"create": True, "subjects": [SUBJECT]}
                      for one in ("reader", "prober", "fixer")}}
# How "runbook run" itself finds the provider and reaches its port, whatever the runbook.
OF_THE_PROGRAM = {
    ("own", "", "pods/proxy", "get"), ("own", "", "pods/proxy", "create"),
    ("own", "apps", "deployments", "list"), ("cluster", "pkg.crossplane.io", "providers", "list"),
}


def named():
    """Every right that a runbook names, as (place, group, resource, verb)."""
    found = set()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as reader:
        reader.write(READ)
        reader.flush()
        for path in glob.glob(os.path.join(scenarios.ROOT, "scripts", "runbooks", "*.lua")):
            if path.endswith("_cases.lua"):
                continue
            done = subprocess.run(["lua5.4", reader.name, path], capture_output=True, text=True,
                                  timeout=10, check=True)
            found |= {tuple(line.split(" ")) for line in done.stdout.splitlines()}
    return found


def given(objects, name):
    """Every right of a set."""
    found = set()
    for role in objects:
        if role["kind"] not in ("Role", "ClusterRole") or role["metadata"]["name"] != name:
            continue
        place = "cluster" if role["kind"] == "ClusterRole" else role["metadata"]["namespace"]
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in rule["verbs"]:
                        found.add(("own" if place == scenarios.NAMESPACE else place, group,
                                   resource, verb))
    return found


class RunbookRights(unittest.TestCase):
    def test_reader_and_prober_have_what_the_runbooks_name_and_no_more(self):
        objects = scenarios.rendered()
        reader = given(objects, "provider-discord-runbook-reader")
        prober = given(objects, "provider-discord-runbook-prober")
        wanted = named()
        self.assertGreater(len(wanted), 10)
        self.assertEqual(wanted - reader - prober, set(), "named and not given")
        self.assertEqual(reader - wanted - OF_THE_PROGRAM, set(), "given and not named")
        self.assertEqual(prober - wanted - OF_THE_PROGRAM, set(), "given and not named")
        self.assertEqual(reader & prober, set())

    def test_the_reader_sees_no_secret_and_only_the_fixer_changes_anything(self):
        objects = scenarios.rendered(BOUND)
        for name in ("reader", "prober"):
            rights = given(objects, f"provider-discord-runbook-{name}")
            self.assertLessEqual({verb for *_, verb in rights - OF_THE_PROGRAM}, {"get", "list"})
        self.assertNotIn("secrets", {resource for _, _, resource, _ in given(
            objects, "provider-discord-runbook-reader")})
        self.assertTrue(given(objects, "provider-discord-runbook-fixer"))
        self.assertFalse(given(scenarios.rendered(), "provider-discord-runbook-fixer"))

    def test_nobody_has_them_until_somebody_is_named(self):
        def bindings(values):
            return [one for one in scenarios.rendered(values)
                    if one["kind"].endswith("Binding") and "-runbook-" in one["metadata"]["name"]]
        self.assertEqual(bindings({}), [])
        self.assertEqual(len(bindings(BOUND)), 3 + 1 + 2)
        for one in bindings(BOUND):
            self.assertEqual(one["subjects"], [SUBJECT])

    def test_the_server_lets_and_refuses_accordingly(self):
        with Cluster() as cluster:
            def can(verb, resource, *arguments):
                done = subprocess.run(
                    [*cluster.kubectl.base, "auth", "can-i", verb, resource, *arguments,
                     "--as=somebody", "--as-group=on-call"],
                    capture_output=True, text=True, timeout=30)
                return done.stdout.strip() == "yes"
            own = ("-n", scenarios.NAMESPACE)
            for rules, answers in (
                ("reader", (True, False, False, False)), ("prober", (False, True, True, False)),
                ("fixer", (False, True, False, True)),
            ):
                cluster.apply([one for one in scenarios.rendered(
                    {"runbooks": {rules: {"create": True, "subjects": [SUBJECT]}}})
                    if "-runbook-" in one["metadata"]["name"]])
                with self.subTest(set=rules):
                    self.assertEqual((
                        can("list", "pods", *own), can("get", "secrets/discord-credentials", *own),
                        can("get", "pods", "--subresource=proxy", *own),
                        can("patch", "deployments.apps/provider-discord", *own)), answers)
                    for refused in (("get", "secrets", "-n", "kube-system"),
                                    ("get", "secrets/another", *own), ("create", "pods", *own),
                                    ("create", "secrets", *own), ("patch", "deployments.apps/other", *own),
                                    ("delete", "networkpolicies.networking.k8s.io/provider-discord-netpol",
                                     *own),
                                    ("delete", "guilds.guild.discord.crossplane.io", "-A"),
                                    ("create", "pods", "--subresource=exec", *own)):
                        self.assertFalse(can(*refused), refused)
                cluster.kubectl.run("delete", "rolebindings,clusterrolebindings", "-A",
                                    "-l", "app=provider-discord")


if __name__ == "__main__":
    unittest.main()
