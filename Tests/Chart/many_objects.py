"""A Kubernetes API that has thousands of objects at once, as far as a provider reads it.

It serves lists in pages and watches on which nothing happens. ProviderConfigs are never answered: the
provider waits for them and changes no object, so that what it shows has to be what is here.
"""

import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

from listener import Listener

SINCE = "2026-01-02T03:04:05Z"
# (Ready, Synced, reason of Synced, paused) in the parts of 100 objects.
SHAPES = [
    *[("True", "True", "ReconcileSuccess", False)] * 83,
    *[("False", "False", "ReconcileError", False)] * 7,
    *[("True", "False", "ReconcileError", False)] * 4,
    *[("False", "True", "ReconcileSuccess", False)] * 3,
    *[("True", "False", "ReconcilePaused", True)] * 2,
    (None, None, "", False),
]
KINDS = (("guild", "guilds", "Guild"), ("channel", "channels", "Channel"), ("role", "roles", "Role"))


def build(kind, group, count, first):
    """Objects of a kind, shaped by their number."""
    found = []
    for number in range(first, first + count):
        ready, synced, reason, paused = SHAPES[number * 37 % len(SHAPES)]
        metadata = {
            "name": f"{group}-{number:05}", "namespace": f"team-{number % 40}",
            "uid": f"00000000-0000-0000-0000-{number:012}", "resourceVersion": str(1000 + number),
            "generation": 1, "creationTimestamp": SINCE,
            "finalizers": ["finalizer.managedresource.crossplane.io"],
            "annotations": {"crossplane.io/external-name": str(10**17 + number)},
        }
        if paused:
            metadata["annotations"]["crossplane.io/paused"] = "true"
        conditions = [
            {"type": "Ready", "status": ready, "lastTransitionTime": SINCE,
             "reason": "Available" if ready == "True" else "Creating"},
            {"type": "Synced", "status": synced, "lastTransitionTime": SINCE, "reason": reason,
             "observedGeneration": 1},
        ] if ready else []
        found.append({
            "apiVersion": f"{group}.discord.crossplane.io/v1alpha1", "kind": kind,
            "metadata": metadata, "status": {"conditions": conditions},
            "spec": {"forProvider": {"name": f"{group}-{number}", "guildId": str(10**17)}},
        })
    return found


def truth(objects):
    """What the page has to say of these objects."""
    def status(one, kind):
        return next((condition["status"] for condition in one["status"]["conditions"]
                     if condition["type"] == kind), "Unknown")

    def paused(one):
        return "crossplane.io/paused" in one["metadata"]["annotations"]
    rows = {}
    for one in objects:
        ready, synced = (status(one, kind) == "True" for kind in ("Ready", "Synced"))
        row = rows.setdefault(one["kind"], [0, 0, 0, 0])
        for column, counts in enumerate((True, ready, synced, not (ready and synced))):
            row[column] += counts
    stuck = [one for one in objects if not paused(one)
             and not (status(one, "Ready") == status(one, "Synced") == "True")]
    return rows, len(stuck), sum(map(paused, objects))


class ManyObjects:
    """The server, until the with-block ends."""

    def __init__(self, guilds=10, channels=3490, roles=1500):
        self.objects = {}
        first = 0
        for (group, plural, kind), count in zip(KINDS, (guilds, channels, roles)):
            self.objects[plural] = build(kind, group, count, first)
            first += count
        self.writes = []
        self.ended = threading.Event()
        self.server = Listener(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def all(self):
        return [one for objects in self.objects.values() for one in objects]

    def kubeconfig(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "many",
                "clusters": [{"name": "many", "cluster": {"server": self.url}}],
                "users": [{"name": "many", "user": {"token": "not-checked"}}],
                "contexts": [{"name": "many", "context": {"cluster": "many", "user": "many"}}],
            }, file)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def page(self, plural, query):
        start = int(query.get("continue", ["0"])[0])
        limit = int(query.get("limit", ["100000"])[0])
        items = self.objects[plural][start:start + limit]
        metadata = {"resourceVersion": "99999"}
        if start + limit < len(self.objects[plural]):
            metadata["continue"] = str(start + limit)
        return {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items}

    def handler(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """HTTP/1.0: an answer without a length lasts until the connection ends."""

            def log_message(self, *_):
                pass

            def do_GET(self):
                target = urlsplit(self.path)
                query = parse_qs(target.query)
                plural = target.path.rsplit("/", 1)[-1]
                is_watch = query.get("watch", [""])[0] in ("true", "1")
                if plural not in outer.objects and plural != "providerconfigs":
                    return self.send_error(404)
                if is_watch or plural == "providerconfigs":
                    if is_watch:
                        self.send_response(200)
                        self.send_header("Content-Type", "application/json")
                        self.end_headers()
                        self.wfile.flush()
                    outer.ended.wait()
                    return None
                body = json.dumps(outer.page(plural, query)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return None

            def refuse(self):
                outer.writes.append(f"{self.command} {self.path}")
                self.send_error(403)

            do_POST = do_PUT = do_PATCH = do_DELETE = refuse
        return Handler
