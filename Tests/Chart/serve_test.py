"""A real Prometheus with the chart's rules fires, a real Alertmanager tells, `runbook serve` answers."""

import http.server
import json
import os
import tempfile
import threading
import unittest
import urllib.request

import scenarios
from cluster import BINARY
from listener import Listener
from running import Client, Program, free_ports, wait_for
from sandbox import Sandbox

PROGRAMS = os.environ["PROMETHEUS"]
SCRIPTS = os.path.join(scenarios.ROOT, "scripts")
REPORT = "provider-discord-runbook-provider-down"
AT_ONCE = {"prometheusRule": {"create": True, "runbookURL": "https://example.org/docs/runbooks",
                              "alerts": {"down": {"for": "1s"}}}}


class Relay:
    """What Prometheus scrapes: the sandbox's /metrics, until it is cut off."""

    def __init__(self, upstream):
        outer = self
        self.is_up = True
        self.url = upstream

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if not outer.is_up:
                    self.send_error(503)
                    return
                with urllib.request.urlopen(outer.url + self.path, timeout=5) as answer:
                    body = answer.read()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Webhook(Relay):
    """A Discord webhook that keeps what it gets."""

    def __init__(self):
        super().__init__("")
        received = self.received = []

        def do_post(handler):
            body = handler.rfile.read(int(handler.headers["Content-Length"]))
            received.append(json.loads(body))
            handler.send_response(204)
            handler.end_headers()
        self.server.RequestHandlerClass.do_POST = do_post


class Serve(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.sandbox = self.enterContext(Sandbox(SCRIPTS))
        self.sandbox.apply_quickstart()
        self.relay = Relay(self.sandbox.health.base)
        self.addCleanup(self.relay.stop)
        self.webhook = Webhook()
        self.addCleanup(self.webhook.stop)
        self.prometheus, self.alertmanager, self.serve = free_ports(3)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def program(self, name, arguments):
        program = Program(arguments, os.path.join(self.folder, f"{name}.log"))
        self.addCleanup(program.stop)
        return program

    def start(self):
        token = self.write("token", "a-token-of-this-test\n")
        webhook = self.write(
            "webhook", f"http://127.0.0.1:{self.webhook.port}/api/webhooks/1/of-this-test\n")
        kubeconfig = os.path.join(self.sandbox.folder.name, "kubeconfig")
        serve = self.program("serve", [
            BINARY, "runbook", "serve", "--listen", f"127.0.0.1:{self.serve}", "--kubeconfig",
            kubeconfig, "--scripts", SCRIPTS, "--provider", self.sandbox.health.base,
            "--prometheus", f"http://127.0.0.1:{self.prometheus}", "--webhook-token-file", token,
            "--discord-webhook-file", webhook])
        rules = scenarios.only(scenarios.rendered(AT_ONCE), "PrometheusRule")["spec"]
        self.program("alertmanager", [
            os.path.join(PROGRAMS, "alertmanager"),
            "--config.file=" + self.write("alertmanager.yml", {
                "route": {"receiver": "runbooks", "group_wait": "1s", "group_interval": "1s"},
                "receivers": [{"name": "runbooks", "webhook_configs": [{
                    "url": f"http://127.0.0.1:{self.serve}/api/v1/alerts",
                    "http_config": {"authorization": {"credentials_file": token}}}]}]}),
            f"--web.listen-address=127.0.0.1:{self.alertmanager}", "--cluster.listen-address=",
            "--storage.path=" + os.path.join(self.folder, "alertmanager")])
        self.program("prometheus", [
            os.path.join(PROGRAMS, "prometheus"),
            "--config.file=" + self.write("prometheus.yml", {
                "global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                           "evaluation_interval": "1s"},
                "rule_files": [self.write("rules.yml", rules)],
                "alerting": {"alertmanagers": [{"static_configs": [
                    {"targets": [f"127.0.0.1:{self.alertmanager}"]}]}]},
                "scrape_configs": [{"job_name": "provider-discord", "static_configs": [
                    {"targets": [f"127.0.0.1:{self.relay.port}"]}]}]}),
            f"--web.listen-address=127.0.0.1:{self.prometheus}",
            "--storage.tsdb.path=" + os.path.join(self.folder, "prometheus")])
        return serve

    def up(self):
        found = Client(f"http://127.0.0.1:{self.prometheus}").get("/api/v1/query?query=up")
        return [one["value"][1] for one in found["data"]["result"]] == ["1"]

    def report(self):
        items = self.sandbox.kubectl.items("configmaps")
        return next((one["data"] for one in items if one["metadata"]["name"] == REPORT), None)

    def test_a_real_alert_is_answered_and_its_end_verified(self):
        serve = self.start()
        wait_for("Prometheus scrapes the provider", self.up, 30)
        self.assertIsNone(self.report())
        self.relay.is_up = False

        def answered(verdict):
            serve.require_running()
            report = self.report()
            return report if report and report["verdict"] == verdict else None
        report, _ = wait_for("the alert's report", lambda: answered("fail"), 40)
        content = json.loads(report["report.json"])
        self.assertEqual(content["rootCause"]["cause"], "metrics.not_scraped")
        self.assertEqual(content["alert"]["labels"]["alertname"], "ProviderDiscordDown")
        self.assertIn("Provider Down", report["report.md"])

        self.relay.is_up = True
        report, _ = wait_for("the end is verified", lambda: answered("pass"), 40)
        history = report["history"].splitlines()
        self.assertRegex(history[0], " resolved pass$")
        self.assertRegex(history[-1], " alert fail · ")

        def told():
            return len(self.webhook.received) >= 2
        wait_for("both messages", told, 20)
        first, last = self.webhook.received[0], self.webhook.received[-1]
        self.assertIn("**Provider Down**: fail", first["content"])
        self.assertIn("and the checks agree", last["content"])
        self.assertEqual(first["allowed_mentions"], {"parse": []})

        def events():
            found = self.sandbox.kubectl.items("events")
            return {"RunbookFail", "RunbookPass"} <= {one["reason"] for one in found}
        wait_for("both Events", events, 20)
        metrics = Client(f"http://127.0.0.1:{self.serve}").get("/metrics")["text"]
        self.assertIn('provider_discord_runbook_runs_total{runbook="provider-down",'
                      'trigger="alert",verdict="fail"} 1', metrics)
        # It ends as asked, and nothing that it wrote holds a secret.
        self.assertEqual(serve.stop(), 0, serve.log()[-2000:])
        self.assertNotIn("of-this-test", serve.log())
