"""Runs the provider's programs on loopback for the demo and the benchmarks.

Only the standard library: a fresh machine has python3 and nothing else.
"""

import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CRDS = os.path.join(ROOT, "chart", "provider-discord", "crds")
SEEDED_TOKEN = "sandbox-token"


class NotSeen(Exception):
    """What was waited for did not happen."""


def free_ports(count):
    """Loopback ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for(what, probe, seconds=60.0, every=0.05):
    """Asks until the probe gives something; returns it and the seconds that it took."""
    begin = time.monotonic()
    last = ""
    while True:
        try:
            answer = probe()
            if answer:
                return answer, time.monotonic() - begin
        except (OSError, subprocess.CalledProcessError, json.JSONDecodeError) as error:
            last = f" (last: {error})"
        if time.monotonic() - begin > seconds:
            raise NotSeen(f"not seen within {seconds:.0f} s: {what}{last}")
        time.sleep(every)


class Program:
    """A process with its log in a file; ended when the with-block ends."""

    def __init__(self, arguments, log, lifeline=False, environment=None):
        self.log_path = log
        self._log = open(log, "ab")
        kept = os.environ.get("PROVIDER_DISCORD_TEST_OUTPUT")
        if kept:
            # For tools/scan-output.sh, beyond the removal of the test's own folder.
            with open(os.path.join(kept, "tokens"), "a", encoding="utf-8") as tokens:
                tokens.write(SEEDED_TOKEN + "\n")
            name = "-".join(os.path.abspath(log).split(os.sep)[-2:])
            link = os.path.join(kept, name)
            if not os.path.exists(link):
                os.link(log, link)
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE if lifeline else subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, seconds=15):
        """SIGTERM, then SIGKILL; returns the exit code."""
        if self.process.stdin:
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log.close()
        return self.process.returncode

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def require_running(self):
        if self.process.poll() is not None:
            raise NotSeen(f"the program ended with {self.process.returncode}:\n{self.log()[-3000:]}")

    def cpu_seconds(self):
        """User and system time, from /proc/PID/stat."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, field="VmHWM"):
        """VmHWM is the highest resident memory since the start, VmRSS that of now."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
        return 0.0


class Client:
    """JSON over HTTP to one of our own servers."""

    def __init__(self, base, token=None, ca=None):
        self.base = base
        self.token = token
        self.context = ssl.create_default_context(cafile=ca) if ca else None

    def request(self, method, path, body=None, content_type="application/json", timeout=30):
        headers = {"Content-Type": content_type}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=timeout, context=self.context) as answer:
            text = answer.read()
        try:
            return json.loads(text) if text else {}
        except json.JSONDecodeError:
            return {"text": text.decode(errors="replace")}

    def get(self, path):
        return self.request("GET", path)

    def answers(self, path):
        """Whether it answers with success."""
        try:
            self.request("GET", path, timeout=5)
            return True
        except (OSError, urllib.error.URLError):
            return False


class Kubectl:
    """An unmodified kubectl."""

    def __init__(self, kubeconfig, namespace=None):
        self.base = ["kubectl", "--kubeconfig", kubeconfig, "--cache-dir", kubeconfig + ".cache"]
        if namespace:
            self.base += ["--namespace", namespace]

    def run(self, *arguments, text=None):
        done = subprocess.run(
            self.base + list(arguments), input=text, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            raise NotSeen(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def items(self, resources, *arguments):
        return json.loads(self.run("get", resources, "-o", "json", *arguments))["items"]


def condition(item, kind):
    """The status of one condition of an object, "" without it."""
    for one in item.get("status", {}).get("conditions", []):
        if one["type"] == kind:
            return one["status"]
    return ""


def is_ready(item):
    return condition(item, "Ready") == "True" and condition(item, "Synced") == "True"
