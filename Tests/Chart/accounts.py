"""ServiceAccounts as pods have them, by tokens that the API server itself has signed: which rights roles
give them, and which they used."""

import json


def kubeconfig(kubectl, namespace, name, path):
    """Writes a kubeconfig of a ServiceAccount, which has to exist, and gives its path.

    `kubectl create token` does the same, in newer kubectls.
    """
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = kubectl.run(
        "create", "--raw", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", "-f", "-",
        text=json.dumps(request))
    config = json.loads(kubectl.run("config", "view", "--raw", "-o", "json"))
    config["users"] = [{"name": name, "user": {"token": json.loads(answer)["status"]["token"]}}]
    for context in config["contexts"]:
        context["context"]["user"] = name
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return path


def audited(path, namespace, name):
    """The finished requests of a ServiceAccount, from the API server's audit log."""
    user = f"system:serviceaccount:{namespace}:{name}"
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file if line.endswith("\n")]
    return [event for event in events if event["user"]["username"] == user
            and event["stage"] in ("ResponseStarted", "ResponseComplete")]


def refused(events):
    """What was answered 401 or 403."""
    return [f"{event['verb']} {event['requestURI']}" for event in events
            if event.get("responseStatus", {}).get("code") in (401, 403)]


def granted(objects, name):
    """Every (group, resource, verb) of the roles that are bound to a ServiceAccount."""
    bound = {(one["roleRef"]["kind"], one["roleRef"]["name"]) for one in objects
             if one["kind"].endswith("Binding") and any(
                 subject["kind"] == "ServiceAccount" and subject["name"] == name
                 for subject in one["subjects"])}
    return {(group, resource, verb)
            for role in objects if (role["kind"], role["metadata"]["name"]) in bound
            for rule in role["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"]
            for verb in rule["verbs"]}


def used(events):
    """Every (group, resource, verb) that was asked for."""
    found = set()
    for event in events:
        target = event.get("objectRef")
        if target:
            resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
            found.add((target.get("apiGroup", ""), resource, event["verb"]))
            # The server asks for "create" by itself when what is applied was not there.
            if event["verb"] == "patch" and event.get("responseStatus", {}).get("code") == 201:
                found.add((target.get("apiGroup", ""), resource, "create"))
    return found
