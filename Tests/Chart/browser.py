"""Debian's chromium without a window, driven by the DevTools protocol over a pipe.

Only the standard library: `--remote-debugging-pipe` speaks JSON with a zero byte after each message
on the file descriptors 3 (to the browser) and 4 (from it), so no port and no WebSocket is needed.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from running import NotSeen

DESKTOP = (1280, 900)
PHONE = (390, 844)


class Browser:
    """A browser with one page, until the with-block ends."""

    def __init__(self):
        program = shutil.which("chromium")
        if not program:
            raise NotSeen("there is no chromium: tools/deps.sh browser installs it")
        self.profile = tempfile.mkdtemp(prefix="provider-discord-browser-")
        theirs_in, self.to_browser = os.pipe()
        self.from_browser, theirs_out = os.pipe()
        self.log = open(os.path.join(self.profile, "log"), "wb")
        # The shell puts the pipes where the browser looks for them.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "_", program,
             "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--hide-scrollbars", "--force-device-scale-factor=1",
             f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log)
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer = b""
        self.sent = 0
        self.session = None
        # What the page wrote to its console, and errors: a page without faults writes nothing.
        self.complaints = []
        # Loaders whose document is complete.
        self.loaded = set()

    def __enter__(self):
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call(
                "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Accessibility"):
                self.call(f"{domain}.enable")
            self.call("Page.setLifecycleEventsEnabled", enabled=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Sends a command and gives its result."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while True:
            answer = self.receive(deadline, method)
            if answer.get("id") == self.sent:
                if "error" in answer:
                    raise NotSeen(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.note(answer)

    def receive(self, deadline, what):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise NotSeen(f"the browser did not answer to {what}")
            part = os.read(self.from_browser, 1 << 20)
            if not part:
                with open(self.log.name, encoding="utf-8", errors="replace") as file:
                    raise NotSeen(f"the browser ended: {file.read()[-2000:]}")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        if event.get("method") == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif event.get("method") == "Log.entryAdded":
            entry = event["params"]["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        elif event.get("method") == "Page.lifecycleEvent" and event["params"]["name"] == "load":
            self.loaded.add(event["params"]["loaderId"])

    def evaluate(self, expression):
        """The value of a JavaScript expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise NotSeen(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, url):
        """Goes there, and waits for the load event of that document, not of the one before."""
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise NotSeen(f"{url}: {answer['errorText']}")
        deadline = time.monotonic() + 30
        while answer["loaderId"] not in self.loaded:
            self.note(self.receive(deadline, f"the navigation to {url}"))

    def until(self, expression, seconds=30):
        """Waits until an expression is true; gives its value. It is looked at before each frame that
        the page draws, where whatever changes the page has been done."""
        value = self.evaluate(f"""new Promise((resolve, reject) => {{
          const end = performance.now() + {seconds * 1000};
          const look = () => {{
            try {{
              const value = {expression};
              if (value || performance.now() > end) resolve(value);
              else requestAnimationFrame(look);
            }} catch (error) {{ reject(error); }}
          }};
          look();
        }})""")
        if not value:
            text = self.evaluate("document.body.innerText")
            raise NotSeen(f"not seen within {seconds} s: {expression}\n{text}")
        return value

    def look(self, size, scheme="light", motion="no-preference"):
        """The window's size and what its user prefers."""
        width, height = size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])

    def press(self, key, code=None):
        """A key of the keyboard, down and up."""
        text = {"Enter": "\r", " ": " "}.get(key)
        shared = {"key": key, "code": code or key,
                  "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13, " ": 32}[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", **shared,
                  **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def screenshot(self, path, whole=True):
        """A PNG of the whole page, or of what the window shows."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(data["data"]))
