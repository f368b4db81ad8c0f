#!/usr/bin/env python3
"""Runs every command of docs/discord-simulator.md as a newcomer would, in a folder of its own.

    document_commands.py BINARY DOCUMENT

The first block of commands starts the simulator, on free ports instead of the document's; the others
are one session of a shell. A command that fails, an answer of the control API that is a refusal, and
output that is not that of the block after the commands make it exit with 1.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

# Tells of refusals of the control API, which curl takes for answers like others.
CURL = """
curl() {
  case "$*" in
    *"$control"*)
      answer=$(command curl -S -w '\\n%{http_code}' "$@") || return
      printf '%s\\n' "${answer%$'\\n'*}"
      [ "${answer##*$'\\n'}" -lt 300 ] || { printf 'refused: %s\\n%s\\n' "$*" "$answer" >&2; exit 1; } ;;
    *) command curl "$@" ;;
  esac
}
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def blocks(text):
    """Commands with the output that follows them, if the document shows some."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
    for number, (kind, content) in enumerate(found):
        if kind == "sh":
            following = found[number + 1] if number + 1 < len(found) else ("", "")
            yield content, following[1] if following[0] == "text" else None


def main():
    binary, document = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(document) as file:
        text = file.read()
    api, control = free_ports(2)
    text = text.replace(":9000", f":{api}").replace(":9001", f":{control}")
    (start, _), *others = blocks(text)
    with tempfile.TemporaryDirectory() as folder:
        start = start.replace("provider-discord", f"exec {binary}", 1)
        simulator = subprocess.Popen(["bash", "-c", start], cwd=folder, stdout=subprocess.PIPE)
        try:
            while b"control API" not in simulator.stdout.readline():
                if simulator.poll() is not None:
                    sys.exit("the simulator ended before it served")
            script = "set -euo pipefail\n" + CURL
            for number, (commands, _) in enumerate(others):
                script += f"exec >{number}.out\n{commands}\n"
            done = subprocess.run(["bash", "-c", script], cwd=folder, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                sys.exit(f"{document}: exit code {done.returncode}\n{done.stderr}")
            for number, (commands, expected) in enumerate(others):
                with open(f"{folder}/{number}.out") as file:
                    seen = file.read()
                if expected is not None and not seen.endswith(expected):
                    sys.exit(f"{document}:\n{commands}printed\n{seen}instead of\n{expected}")
        finally:
            simulator.send_signal(signal.SIGTERM)
            code = simulator.wait()
        if code or not os.path.getsize(f"{folder}/guilds.json"):
            sys.exit(f"the simulator ended with {code}, or left no state")
    print(f"{len(others) + 1} blocks of commands of {document}")


main()
