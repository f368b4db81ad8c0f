"""A real Prometheus that scrapes one provider."""

import json
import os
import tempfile
from urllib.parse import quote

from alerts_test import PROMTOOL
from running import Client, Program, free_ports, wait_for

PROMETHEUS = os.path.join(os.path.dirname(PROMTOOL), "prometheus")


class Prometheus:
    """Scrapes `target` every second as the job provider-discord, until the with-block ends.

    `rules` are groups as a file for Prometheus has them; `runbooks` is the address of "runbook serve".
    """

    def __init__(self, target, rules, runbooks):
        self.folder = tempfile.TemporaryDirectory(prefix="provider-discord-prometheus-")
        self.write("rules.yaml", rules)
        self.write("prometheus.yaml", {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            # The label "pod" is the operator's; here there is none.
            "scrape_configs": [{"job_name": job, "static_configs": [
                {"targets": [address], "labels": {"pod": f"{job}-0"}}]} for job, address in
                (("provider-discord", target), ("provider-discord-runbooks", runbooks))]})
        (port,) = free_ports(1)
        self.client = Client(f"http://127.0.0.1:{port}/api/v1")
        self.program = Program(
            [PROMETHEUS, f"--config.file={self.folder.name}/prometheus.yaml",
             f"--storage.tsdb.path={self.folder.name}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            os.path.join(self.folder.name, "prometheus.log"))

    def write(self, name, thing):
        """JSON is YAML."""
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            json.dump(thing, file)

    def __enter__(self):
        def ready():
            self.program.require_running()
            return self.client.answers("/status/runtimeinfo")
        try:
            wait_for("Prometheus answers", ready, 30)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.program.stop()
        self.folder.cleanup()

    def query(self, expression):
        """The samples of an instant query: labels and value of each."""
        data = self.client.get("/query?query=" + quote(expression, safe=""))["data"]
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def alerts(self):
        """Names of the alerts that are pending or firing."""
        return {one["labels"]["alertname"] for one in self.client.get("/alerts")["data"]["alerts"]}
