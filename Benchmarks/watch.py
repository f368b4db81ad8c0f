#!/usr/bin/env python3
"""How long after a save `scripts test --watch` has the new results, measured from outside.

A copy of scripts/ is watched; a rule, a runbook, and libraries that many scripts require are saved in
turn, each time with another comment at their end. The clock runs from the end of the write to the line
that ends the new report.

Usage: Benchmarks/watch.py [--binary .build/release/provider-discord] [--saves 10] [--bound 200]
Exits 1 when a save took longer than the bound (in milliseconds), or a case failed.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = [
    ("a rule", "resources/channel.lua"),
    ("a runbook", "runbooks/provider_down.lua"),
    ("a file of cases", "resources/role_cases.lua"),
    ("the library of every rule", "lib/discord.lua"),
    ("the library of every runbook", "lib/check.lua"),
    ("a library of rules and runbooks", "lib/snowflake.lua"),
]
SUMMARY = re.compile(r"^\d+ cases?, (\d+) passed, (\d+) failed")
DONE = re.compile(r"^\d+ ms after the save")


def report(output):
    """Reads up to the end of the report of one save: whether all cases passed."""
    passed = False
    for line in output:
        if match := SUMMARY.match(line):
            passed = int(match[1]) > 0 and match[2] == "0"
        if DONE.match(line):
            return passed
    sys.exit("the command ended before its report did")


def first_report(output):
    """Reads the report of the start, which no save came before."""
    for line in output:
        if match := SUMMARY.match(line):
            return match[2] == "0"
    sys.exit("the command ended without a report")


def measure(scripts, path, number, output):
    """Saves a file once: the milliseconds until the report is there, and whether it is a good one."""
    file = scripts / path
    text = file.read_text()
    with file.open("w") as stream:
        stream.write(f"{text}-- {number}\n")
    saved = time.monotonic()
    passed = report(output)
    return (time.monotonic() - saved) * 1000, passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/release/provider-discord"))
    parser.add_argument("--saves", type=int, default=10, help="of each file")
    parser.add_argument("--bound", type=float, default=200, help="milliseconds")
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        scripts = pathlib.Path(folder) / "scripts"
        shutil.copytree(ROOT / "scripts", scripts)
        command = [options.binary, "scripts", "test", str(scripts), "--watch"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            good = first_report(process.stdout)
            print(f"{'saved':34} {'median':>9} {'worst':>9}")
            for label, path in FILES:
                times = []
                for number in range(options.saves):
                    milliseconds, passed = measure(scripts, path, number, process.stdout)
                    times.append(milliseconds)
                    good = good and passed and milliseconds <= options.bound
                    # The next save must be none of the same burst.
                    time.sleep(0.1)
                print(
                    f"{label:34} {statistics.median(times):6.0f} ms {max(times):6.0f} ms",
                    flush=True,
                )
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=10)
    print(f"ended by SIGTERM with exit code {status}")
    return 0 if good and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
