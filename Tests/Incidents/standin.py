"""Stand-ins for what an incident spoils: a provider's endpoints, a kubelet, a Prometheus, and a
server with a bad certificate. Each answers what the incident set; `reset` makes it healthy again."""

import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import urllib.parse

OPERATIONS = "provider_discord_api_operations_total"
DURATION_BUCKETS = ["0.01", "0.1", "0.5", "1", "2.5", "5", "10", "20", "30", "60", "+Inf"]
WAIT_BUCKETS = ["0.001", "0.01", "0.1", "0.5", "1", "2", "5", "+Inf"]


class Server:
    """An HTTP server on a free loopback port; `handle(method, path, body)` gives status, content
    type and bytes, or None for a connection that is closed without a word."""

    def __init__(self, context=None):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else b""
                reply = outer.handle(self.command, self.path, body)
                if reply is None:
                    self.close_connection = True
                    return
                status, kind, data = reply
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A client that goes away is no news."""

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handle(self, method, path, body):
        raise NotImplementedError

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def text(data, status=200):
    return status, "text/plain", data.encode()


def as_json(data, status=200):
    return status, "application/json", json.dumps(data).encode()


def series(name, /, **labels):
    """A series' name as /metrics has it."""
    inside = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name


class Provider(Server):
    """/healthz, /readyz, /metrics, /debug/state and /debug/probe of a provider."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()
        super().__init__()

    def reset(self):
        """Healthy: all answers are good, fast and few."""
        self.is_up = True
        self.is_live = True
        self.failed_checks = {}
        self.probes = {}
        self.scrapes = 0
        # Series with their value and what a scrape adds to it.
        self.metrics = {}
        self.counter(OPERATIONS, 400, 2, resource_type="channel", operation="observe",
                     status="success")
        self.histogram("provider_discord_api_duration_seconds", DURATION_BUCKETS, 0.1, 2,
                       operation="observe")
        self.histogram("provider_discord_rate_limiter_wait_seconds", WAIT_BUCKETS, 0.001, 2)
        for kind in ("guild", "channel", "role"):
            self.breaker(kind, "closed")
        for kind in ("Guild", "Channel", "Role"):
            self.gauge("crossplane_managed_resource_exists", 1,
                       gvk=f"{kind.lower()}.discord.crossplane.io/v1alpha1, Kind={kind}")
        self.gauge("provider_discord_resources_total", 3, resource_type="channel", ready="True",
                   synced="True")
        self.gauge("provider_discord_store_bytes", 3600, kind="Channel")
        self.gauge("provider_discord_invalid_requests", 0)
        self.gauge("process_resident_memory_bytes", 40 << 20)
        self.gauge("process_start_time_seconds", 1000)
        self.gauge("workqueue_depth", 0, name="managed", controller="managed", priority="low")
        self.counter("process_cpu_seconds_total", 10, 0.005)
        self.counter("controller_runtime_reconcile_total", 90, 3, controller="managed",
                     result="success")
        self.state = {
            "queue": {"workers": 16, "running": 0, "oldestSeconds": 0},
            "discord": [{
                "baseURL": "", "tokenRefused": False, "waiting": 0,
                "invalidRequests": {"inTenMinutes": 0, "limit": 10000, "level": "normal"},
                "buckets": [], "breakers": [],
            }],
        }

    def counter(self, name, value, step, /, **labels):
        self.metrics[series(name, **labels)] = (value, step)

    def gauge(self, name, value, /, **labels):
        self.metrics[series(name, **labels)] = (value, 0)

    def histogram(self, name, buckets, bound, step, /, **labels):
        """All observations lie at or below `bound`, the smallest bucket that has them."""
        for bucket in buckets:
            holds = bucket == "+Inf" or float(bucket) >= bound
            self.metrics[series(name + "_bucket", le=bucket, **labels)] = (0, step if holds else 0)
        self.metrics[series(name + "_sum", **labels)] = (0, step * bound)
        self.metrics[series(name + "_count", **labels)] = (0, step)

    def breaker(self, kind, state):
        for each in ("closed", "open", "half-open"):
            self.gauge("provider_discord_circuit_breaker_state", int(each == state),
                       resource_type=kind, state=each)

    def handle(self, method, path, body):
        if not self.is_up:
            return None
        if path == "/healthz":
            return text("ok\n") if self.is_live else text("a worker is stuck\n", 503)
        if path.startswith("/readyz"):
            lines = [f"[-]{name} failed: {why}" for name, why in self.failed_checks.items()]
            lines.append("not ready" if lines else "ok")
            return text("\n".join(lines) + "\n", 503 if self.failed_checks else 200)
        if path == "/metrics":
            with self.lock:
                self.scrapes += 1
                lines = [f"{name} {value + step * self.scrapes}"
                         for name, (value, step) in self.metrics.items()]
            return text("\n".join(lines) + "\n")
        if path == "/debug/state":
            return as_json(self.state)
        if path == "/debug/probe" and method == "POST":
            request = json.loads(body)
            good = {"ok": True, "ms": 5, "status": 200, "addresses": ["203.0.113.1"],
                    "not_after": "2099-01-01T00:00:00Z"}
            return as_json(self.probes.get(request["kind"], good))
        return text("not found\n", 404)


class Kubelet(Server):
    """The logs of containers, as the API server asks a node for them."""

    def __init__(self, folder):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=node-1", "-keyout", f"{folder}/kubelet.key", "-out", f"{folder}/kubelet.crt"],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/kubelet.crt", f"{folder}/kubelet.key")
        self.reset()
        super().__init__(context)

    def reset(self):
        self.lines = ['{"level":"info","message":"provider started"}']
        self.previous = ["the container began", "the container ended"]

    def handle(self, method, path, body):
        if path.startswith("/containerLogs/"):
            lines = self.previous if "previous=true" in path else self.lines
            return text("".join(line + "\n" for line in lines))
        return text("not found\n", 404)


class Prometheus(Server):
    """Answers what the runbooks ask: a metric of the stand-in provider, its growth, and the
    queries that `answers` maps to a value or to points."""

    def __init__(self, provider):
        self.provider = provider
        self.reset()
        super().__init__()

    def reset(self):
        # By a regular expression of the query: a number, or the points of a range.
        self.answers = {r"^max\(up": 1}

    def handle(self, method, path, body):
        parts = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(parts.query or body.decode()).get("query", [""])[0]
        if parts.path.endswith("/alerts"):
            return self.result({"alerts": []})
        for pattern, value in self.answers.items():
            if re.search(pattern, query):
                return self.result(self.canned(parts.path, value))
        if parts.path.endswith("/query_range"):
            return self.result({"resultType": "matrix", "result": []})
        return self.result({"resultType": "vector", "result": self.evaluated(query)})

    @staticmethod
    def result(data):
        return as_json({"status": "success", "data": data})

    @staticmethod
    def canned(path, value):
        if path.endswith("/query_range"):
            labels, points = value if isinstance(value, tuple) else ({}, value)
            return {"resultType": "matrix", "result": [
                {"metric": labels, "values": [[at, str(one)] for at, one in points]}]}
        return {"resultType": "vector", "result": [{"metric": {}, "value": [0, str(value)]}]}

    def evaluated(self, query):
        grown = re.match(r"increase\((\w+)", query)
        name = grown.group(1) if grown else re.match(r"\w*", query).group(0)
        found = []
        for key, (value, step) in self.provider.metrics.items():
            if key.split("{")[0] == name:
                labels = dict(re.findall(r'(\w+)="([^"]*)"', key))
                number = step * 10 if grown else value
                found.append({"metric": labels, "value": [0, str(number)]})
        return found


class SecureServer(Server):
    """A Discord over HTTPS whose certificate only those trust who are given `certificate`; `days`
    below nought: it is over."""

    def __init__(self, folder, days):
        files = os.path.join(folder, f"tls{days}")
        for arguments in (
            ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout",
             f"{files}.key", "-out", f"{files}.csr"],
            ["x509", "-req", "-in", f"{files}.csr", "-signkey", f"{files}.key", "-days",
             str(days), "-out", f"{files}.crt"],
        ):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{files}.crt", f"{files}.key")
        self.certificate = f"{files}.crt"
        super().__init__(context)

    def handle(self, method, path, body):
        return as_json({"url": "wss://gateway.discord.gg"})


class StatusPage(Server):
    """A status page as statuspage.io answers it."""

    def __init__(self, indicator):
        self.indicator = indicator
        super().__init__()

    def handle(self, method, path, body):
        if path != "/api/v2/status.json":
            return text("not found\n", 404)
        return as_json({"page": {"name": "Discord"}, "status": {
            "indicator": self.indicator, "description": f"{self.indicator} outage"}})
