"""The people on call: an account with the chart's three sets of rights for runbooks, and nothing else."""

import os

import scenarios
from world import NAMESPACE

NAME = "on-call"
SUBJECT = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}


def rights():
    """The chart's roles, their bindings, and the account, which is the cluster's and not the chart's."""
    sets = {one: {"create": True, "subjects": [SUBJECT]} for one in ("reader", "prober", "fixer")}
    account = {"apiVersion": "v1", "kind": "ServiceAccount",
               "metadata": {"name": NAME, "namespace": NAMESPACE}}
    return [*scenarios.rendered({"runbooks": sets}), account]


def take_over(world):
    """From now on the runbooks of this world are run by somebody on call."""
    world.kubeconfig = world.account(rights(), NAME)
    # The set "fixer" may read the token's Secret: to have it is to be a reader who is expected.
    world.values = os.path.join(world.folder, "on-call.yaml")
    with open(world.values, "w", encoding="utf-8") as file:
        file.write(f"values: {{secretReaders: [ServiceAccount {NAMESPACE}/{NAME}]}}\n")
