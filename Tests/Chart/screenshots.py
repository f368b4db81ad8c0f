"""The pictures of the status page in docs/images, of a sandbox with some objects and one that fails.

Usage: PROVIDER_DISCORD_BINARY=FILE python3 screenshots.py FOLDER      (in the environment of test-chart.sh)
"""

import os
import sys

import scenarios
from browser import PHONE, Browser
from sandbox import Sandbox

ROLE = """
apiVersion: role.discord.crossplane.io/v1alpha1
kind: Role
metadata: {{name: {name}}}
spec:
  forProvider: {{name: {name}, guildIdRef: {{name: {guild}}}}}
"""


def main(folder):
    with Sandbox(os.path.join(scenarios.ROOT, "scripts")) as sandbox, Browser() as browser:
        sandbox.apply_quickstart()
        roles = [ROLE.format(name=f"team-{number}", guild="example") for number in range(24)]
        roles.append(ROLE.format(name="forgotten", guild="not-there"))
        sandbox.kubectl.run("apply", "-f", "-", text="---".join(roles))
        for name, size, scheme in (("status-page", (1120, 900), "light"),
                                   ("status-page-dark", (1120, 900), "dark"),
                                   ("status-page-phone", PHONE, "light")):
            browser.look(size, scheme)
            browser.open(sandbox.health.base + "/")
            browser.until("document.body.innerText.includes('32 of 33 are Ready and Synced') && "
                          "document.getElementById('stuck').innerText.includes('not-there')", 90)
            browser.screenshot(os.path.join(folder, name + ".png"))


if __name__ == "__main__":
    main(sys.argv[1])
