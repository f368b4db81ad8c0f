"""The chart, its scenarios in ci/, and what Helm makes of them."""

import os
import re
import sys

import helm_python as helm

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

CHART = os.path.join(ROOT, "chart", "provider-discord")
CRDS = os.path.join(CHART, "crds")
RELEASE = "provider-discord"
NAMESPACE = "crossplane-system"


def text(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def names():
    """The scenarios, by the names of their files."""
    files = sorted(os.listdir(os.path.join(CHART, "ci")))
    return [name.removesuffix("-values.yaml") for name in files if name.endswith("-values.yaml")]


def values(name):
    return helm.values_from_yaml(text(CHART, "ci", f"{name}-values.yaml"))


def documents(stream):
    """The objects of a YAML stream. Helm's own parser reads each: no other is needed."""
    found = []
    for document in re.split(r"^---[^\n]*$", stream, flags=re.MULTILINE):
        lines = [line for line in document.splitlines() if not line.lstrip().startswith("#")]
        if any(line.strip() for line in lines):
            found.append(helm.values_from_yaml(document))
    return found


def rendered(overrides=None, name=RELEASE, namespace=NAMESPACE):
    """The objects that the chart makes for these values, without a cluster."""
    with helm.Chart.load(CHART) as chart:
        files = chart.render(overrides or {}, name=name, namespace=namespace)
    return [thing for path, body in sorted(files.items()) if path.endswith(".yaml")
            for thing in documents(body)]


def only(objects, kind, name=None):
    """The one object of a kind."""
    found = [one for one in objects
             if one["kind"] == kind and name in (None, one["metadata"]["name"])]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects {kind} {name or ''}, not one")
    return found[0]


def deployment(objects):
    """The provider's; that of the runbooks is another."""
    return only([one for one in objects if one["kind"] == "Deployment"
                 and not one["metadata"]["name"].endswith("-runbooks")], "Deployment")


def container(objects):
    return deployment(objects)["spec"]["template"]["spec"]["containers"][0]
