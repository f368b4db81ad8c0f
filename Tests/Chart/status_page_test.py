"""The status page in a real browser: what it shows, how it can be used, and what it must not do."""

import json
import os
import tempfile
import unittest
import urllib.error
import urllib.request

import many_objects
import scenarios
from browser import DESKTOP, PHONE, Browser
from cluster import BINARY
from running import SEEDED_TOKEN, Client, Program, free_ports, wait_for
from sandbox import KINDS, Sandbox

# Contrast as WCAG 2.2 defines it, of every text against the nearest background behind it. Returns the
# texts that fail 4.5:1, or 3:1 for large ones.
CONTRAST = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || ["SCRIPT", "NOSCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [one, two] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (two + 0.05);
    seen += 1;
    if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${node.data.trim()}`);
  }
  return { seen, faint };
})()
"""
ROWS = """
Object.fromEntries([...document.querySelectorAll("#kinds tbody tr")].map((row) => {
  const cells = [...row.cells].map((cell) => cell.textContent.replaceAll(",", ""));
  return [cells[0], cells.slice(1, 5).map(Number)];
}))
"""
TILES = """
Object.fromEntries([...document.querySelectorAll("#tiles > div")].map((tile) =>
  [tile.querySelector("dt").textContent, tile.querySelector("dd").textContent.replaceAll(",", "")]))
"""
SEEN = "document.body.dataset.time"


class Five000(unittest.TestCase):
    def test_the_numbers_are_those_of_five_thousand_objects(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        cluster = self.enterContext(many_objects.ManyObjects())
        rows, stuck, paused = many_objects.truth(cluster.all())
        self.assertEqual(sum(row[0] for row in rows.values()), 5000)
        config = os.path.join(folder, "kubeconfig")
        cluster.kubeconfig(config)
        (port,) = free_ports(1)
        provider = self.enterContext(Program(
            [BINARY, "run", "--kubeconfig", config, "--listen", f"127.0.0.1:{port}",
             "--status-page"], os.path.join(folder, "log")))
        health = Client(f"http://127.0.0.1:{port}")
        wait_for("the metrics are served", lambda: health.answers("/metrics"), 30)
        with Browser() as browser:
            browser.look(DESKTOP)
            browser.open(f"http://127.0.0.1:{port}/")
            browser.until(f"Object.values({ROWS}).reduce((sum, row) => sum + row[0], 0) === 5000")
            provider.require_running()
            self.assertEqual(browser.evaluate(ROWS), rows)
            tiles = browser.evaluate(TILES)
            self.assertEqual(tiles["Objects"], "5000")
            self.assertEqual(tiles["Need attention"], str(stuck))
            text = browser.evaluate("document.body.innerText.replaceAll(',', '')")
            self.assertIn(f"{paused} paused", text)
            # Not ready, because ProviderConfigs were not listed; said by name.
            self.assertIn("cache/providerconfigs", browser.evaluate("reason.textContent"))
            shown = browser.evaluate("document.querySelectorAll('#stuck tbody tr').length")
            self.assertLessEqual(shown, 20)
            self.assertIn(f"and {stuck - shown} more", text)
            self.assertEqual(browser.complaints, [])
        self.assertEqual(cluster.writes, [])


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(
            Sandbox(os.path.join(scenarios.ROOT, "scripts")))
        cls.sandbox.apply_quickstart()
        cls.url = cls.sandbox.health.base + "/"

    def setUp(self):
        self.browser = self.enterContext(Browser())
        self.browser.look(DESKTOP)
        self.browser.open(self.url)
        self.browser.until(f"{SEEN} && document.querySelectorAll('#kinds tbody tr').length === 3")
        # Every test leaves a page without faults.
        self.addCleanup(lambda: self.assertEqual(self.browser.complaints, []))

    def test_it_shows_what_kubectl_shows_and_follows_it(self):
        def counts():
            found = {"Channel": 0, "Guild": 0, "Role": 0}
            for item in self.sandbox.kubectl.items(KINDS):
                found[item["kind"]] += 1
            return found
        expected = {kind: [count, count, count, 0] for kind, count in counts().items()}
        self.browser.until(f"document.body.innerText.includes('All is well') && {SEEN}")
        self.assertEqual(self.browser.evaluate(ROWS), expected)
        channels = "channels.channel.discord.crossplane.io"
        self.sandbox.kubectl.run("annotate", f"{channels}/general", "crossplane.io/paused=true")
        self.browser.until("document.body.innerText.includes('1 paused')")
        self.sandbox.kubectl.run("annotate", f"{channels}/general", "crossplane.io/paused-")
        self.browser.until("document.body.innerText.includes('0 paused')")

    def test_an_object_that_fails_is_named_with_its_reason(self):
        permissions = f"/guilds/{self.sandbox.guild}/bot-permissions"
        self.sandbox.control.request("PUT", permissions, {"permissions": "1024"})
        role = "roles.role.discord.crossplane.io"
        name = self.sandbox.kubectl.items(role)[0]["metadata"]["name"]
        self.sandbox.kubectl.run("patch", f"{role}/{name}", "--type=merge",
                                 "-p", '{"spec":{"forProvider":{"hoist":false,"color":4711}}}')
        self.browser.until(
            f"[...document.querySelectorAll('#stuck tbody tr')].some((row) => "
            f"row.innerText.includes('{name}') && /permission/i.test(row.innerText))")
        self.assertIn("attention", self.browser.evaluate("verdict"))
        self.sandbox.control.request("PUT", permissions, {"permissions": "8"})
        # What has failed meanwhile would wait for its backoff.
        self.sandbox.kubectl.run("annotate", KINDS, "--all", "--overwrite",
                                 "crossplane.io/reconcile-requested-at=now")
        self.browser.until("document.body.innerText.includes('All is well')")

    def test_it_reads_on_a_phone_and_on_a_desktop_in_light_and_dark(self):
        for size in (DESKTOP, PHONE, (320, 640)):
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    self.browser.look(size, scheme)
                    # WCAG 1.4.10: nothing has to be scrolled sideways.
                    self.assertLessEqual(
                        self.browser.evaluate("document.documentElement.scrollWidth"), size[0])
                    found = self.browser.evaluate(CONTRAST)
                    self.assertGreater(found["seen"], 60)
                    self.assertEqual(found["faint"], [])

    def test_it_can_be_used_by_keyboard_alone(self):
        stops = []
        for _ in range(5):
            self.browser.press("Tab")
            stops.append(self.browser.evaluate(
                "document.activeElement.id || document.activeElement.textContent"))
            outline = self.browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            self.assertNotEqual(outline, "none")
        self.assertEqual(stops, ["Skip to the state", "pause", "/debug/state", "/readyz", "/metrics"])
        self.browser.evaluate("document.getElementById('pause').focus()")
        self.browser.press("Enter")
        self.assertEqual(
            self.browser.evaluate("document.getElementById('pause').getAttribute('aria-pressed')"),
            "true")
        self.assertEqual(self.browser.evaluate("live === undefined || source.readyState"), 2)
        self.browser.press(" ", "Space")
        self.browser.until("document.getElementById('live').textContent === 'live'")

    def test_a_screen_reader_finds_its_way(self):
        nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node["ignored"]]

        def roles(wanted):
            return [node for node in shown if node.get("role", {}).get("value") == wanted]
        for role in ("banner", "main", "contentinfo", "status"):
            self.assertEqual(len(roles(role)), 1, role)
        headings = [node["name"]["value"] for node in roles("heading")]
        self.assertEqual(headings[0], "provider-discord")
        self.assertEqual(len(headings), 9, headings)
        self.assertTrue(roles("meter"))
        for role in ("meter", "button", "link", "table", "region", "image"):
            for node in roles(role):
                self.assertTrue(node.get("name", {}).get("value"), (role, node))
        for node in roles("meter"):
            properties = {one["name"]: one["value"].get("value") for one in node["properties"]}
            self.assertLessEqual(node["value"]["value"], properties["valuemax"])
        self.assertEqual(self.browser.evaluate(
            "[...document.querySelectorAll('[role=meter]')]"
            ".filter((one) => !/\\d of \\d/.test(one.getAttribute('aria-valuetext'))).length"), 0)
        self.assertGreaterEqual(len(roles("columnheader")), 6)

    def test_it_stands_still_for_those_who_want_that(self):
        moving = ("[...document.querySelectorAll('*')].filter((one) => { const style = "
                  "getComputedStyle(one, one.id === 'live' ? '::before' : null); return "
                  "style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0; }).length")
        self.assertGreater(self.browser.evaluate(moving), 0)
        self.browser.look(DESKTOP, motion="reduce")
        self.assertEqual(self.browser.evaluate(moving), 0)

    def test_nothing_but_its_own_script_runs(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            policy = answer.headers["Content-Security-Policy"]
            body = answer.read().decode()
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            self.assertNotEqual(answer.headers["Content-Security-Policy"], policy)
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertNotIn("@NONCE@", body)
        for outside in ("http:", "https:", "//cdn", "src=", " style="):
            self.assertNotIn(outside, body)
        self.assertEqual(self.browser.evaluate("""
          (() => { const script = document.createElement("script");
            try { script.text = "window.foreign = true"; } catch { return "refused"; }
            document.body.append(script); return window.foreign ? "ran" : "refused"; })()"""), "refused")
        # The refusal is what was wanted.
        self.browser.until("true")
        self.browser.complaints.clear()

    def test_it_says_at_which_stage_new_rules_were_refused(self):
        def stages(rules):
            self.browser.evaluate("pause(true)")
            self.browser.evaluate(f"render({{rules: {rules}}})")
            return self.browser.evaluate(
                "[...document.querySelectorAll('.stages li')].map((one) => one.textContent)")
        self.assertEqual(stages("{generation: 1}"), ["✓ compile", "✓ live"])
        passed = ("{name: 'compile', state: 'passed'}, {name: 'check', state: 'passed'}, "
                  "{name: 'cases', state: '%s'}")
        self.assertEqual(stages(f"{{generation: 2, stages: [{passed % 'passed'}]}}"),
                         ["✓ compile", "✓ check", "✓ cases", "✓ live"])
        self.assertEqual(
            stages(f"{{generation: 2, stages: [{passed % 'refused'}], lastFailure: 'case 3'}}"),
            ["✓ compile", "✓ check", "× cases", "– live"])
        self.assertIn("case 3", self.browser.evaluate("document.getElementById('rules').innerText"))
        self.assertEqual(
            stages("{generation: 2, stages: [{name: 'shadow', state: 'waiting'}], "
                   "waiting: {reasons: ['deletes 40 of 50']}}"), ["… shadow", "… approval"])
        self.assertIn("approval", self.browser.evaluate("verdict"))

    def test_it_shows_what_runbooks_reported_last(self):
        self.assertIn("None yet", self.browser.evaluate("document.getElementById('runbooks').innerText"))
        report = {"apiVersion": "v1", "kind": "ConfigMap",
                  "metadata": {"name": "provider-discord-runbook-high-error-rate",
                               "labels": {"app.kubernetes.io/component": "runbook-report"}},
                  "data": {"verdict": "fail", "history":
                           "2026-11-25T15:00:00Z alert fail · HER-004: token rejected\n"}}
        self.sandbox.kubectl.run("apply", "-f", "-", text=json.dumps(report))
        self.browser.until("document.getElementById('runbooks').innerText.includes('HER-004')")
        self.assertIn("fail", self.browser.evaluate(
            "document.querySelector('#runbooks .pill.bad').textContent"))
        self.sandbox.kubectl.run("delete", "configmap", "provider-discord-runbook-high-error-rate")
        self.browser.until("document.getElementById('runbooks').innerText.includes('None yet')")

    def test_names_are_shown_as_text(self):
        # A condition's message may hold what a stranger wrote.
        self.browser.evaluate("""render({ready: [{name: "<img src=x onerror=alert(1)>",
          failure: "<script>window.foreign = true</script>"}]})""")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('main img').length"), 0)
        self.assertIn("<script>", self.browser.evaluate("document.getElementById('reason').textContent"))

    def test_no_secret_is_in_it(self):
        with self.viewer() as stream:
            event = b"".join(stream.readline() for _ in range(3)).decode()
        self.assertIn("event: state", event)
        self.assertIn('"objects"', event)
        self.assertNotIn(SEEDED_TOKEN, event)
        self.assertNotIn(SEEDED_TOKEN, self.browser.evaluate("document.documentElement.outerHTML"))

    def test_more_viewers_than_allowed_are_refused_with_a_word(self):
        streams = []
        try:
            with self.assertRaises(urllib.error.HTTPError) as refused:
                for _ in range(40):
                    streams.append(urllib.request.urlopen(
                        self.sandbox.health.base + "/events", timeout=10))
            self.assertEqual(refused.exception.code, 503)
            self.assertEqual(refused.exception.headers["Retry-After"], "10")
            self.assertIn("32 viewers", refused.exception.read().decode())
            self.assertLessEqual(len(streams), 32)
        finally:
            for stream in streams:
                stream.close()
        self.viewer().close()

    def viewer(self):
        """A stream of events. Viewers that left before keep their places until the server notices."""
        stream, _ = wait_for("there is room for a viewer", lambda: urllib.request.urlopen(
            self.sandbox.health.base + "/events", timeout=10), 30)
        return stream


class Switch(unittest.TestCase):
    def test_run_has_no_page_unless_asked_for(self):
        with tempfile.TemporaryDirectory() as folder, many_objects.ManyObjects(1, 1, 1) as cluster:
            config = os.path.join(folder, "kubeconfig")
            cluster.kubeconfig(config)
            for arguments, environment, there in (
                ([], {}, False), (["--status-page"], {}, True),
                ([], {"PROVIDER_DISCORD_STATUS_PAGE": "true"}, True),
                (["--no-status-page"], {"PROVIDER_DISCORD_STATUS_PAGE": "true"}, False),
            ):
                (port,) = free_ports(1)
                with self.subTest(arguments=arguments, environment=environment), Program(
                        [BINARY, "run", "--kubeconfig", config, "--listen", f"127.0.0.1:{port}",
                         *arguments], os.path.join(folder, "log"), environment=environment):
                    client = Client(f"http://127.0.0.1:{port}")
                    wait_for("the metrics", lambda: client.answers("/metrics"), 30)
                    self.assertEqual(client.answers("/"), there)


if __name__ == "__main__":
    unittest.main()
