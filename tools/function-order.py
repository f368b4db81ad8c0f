#!/usr/bin/env python3
"""Writes which functions a run of the provider executes, for the linker to lay side by side.

The kernel maps files by 64 KiB and more. Functions that are used lie scattered over 25 MiB of code,
most of it Foundation's and Hummingbird's, so that most of it becomes resident. The linker moves whole
sections, so `make release` gives each function one, and private-functions.ld gathers those without a
name: 17 MiB of resident code become 8. Names that are no longer there do no harm, new functions only lie
elsewhere: write the list anew when much has changed.

A compiler that finds its object of the same code does not write it again, whatever the options are now:
begin with an empty .build when they have changed.

Needs valgrind and the folder of tools/envtest.sh.
Usage: KUBEBUILDER_ASSETS=FOLDER tools/function-order.py .build/release/provider-discord
"""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIST = os.path.join(ROOT, "Sources", "provider-discord", "function-order.txt")


def functions(profile, program):
    """The names in a profile of callgrind that belong to the program, in the order of the file."""
    objects, names, current, found = {}, {}, "", {}
    pattern = re.compile(r"(c?ob|c?fn)=\((\d+)\)(?: (.*))?")
    with open(profile, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = pattern.match(line)
            if not match:
                continue
            kind, number, text = match.groups()
            table = objects if kind.endswith("ob") else names
            if text:
                table[number] = text.strip()
            if kind == "ob":
                current = objects[number]
            elif kind == "fn" and current == program:
                # 'N counts recursion; an address is a function without a name.
                name = re.sub(r"'\d+$", "", names[number])
                if not name.startswith("0x"):
                    found[name] = None
    return list(found)


def main():
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="provider-discord-order-") as folder:
        # valgrind does not read all of Swift's debug information.
        plain = os.path.join(folder, "provider-discord")
        subprocess.run(["strip", "-g", "-o", plain, binary], check=True)
        profile = os.path.join(folder, "profile")
        wrapper = os.path.join(folder, "wrapper")
        with open(wrapper, "w", encoding="ascii") as file:
            file.write(f"""#!/bin/sh
[ "$1" = run ] || exec {plain} "$@"
exec valgrind -q --tool=callgrind --demangle=no --fair-sched=yes \\
  --callgrind-out-file={profile} {plain} "$@"
""")
        os.chmod(wrapper, 0o755)
        # The simulator looks for its rules beside the program.
        os.symlink(os.path.join(ROOT, "scripts"), os.path.join(folder, "scripts"))
        subprocess.run(
            [sys.executable, os.path.join(ROOT, "Benchmarks", "objects.py"), "--binary", wrapper,
             "--count", "30", "--runs", "1", "--no-check"], check=True)
        names = functions(profile, plain)
    if len(names) < 1000:
        sys.exit(f"only {len(names)} functions seen: the list stays as it is")
    with open(LIST, "w", encoding="utf-8") as file:
        file.write("\n".join(names) + "\n")
    print(f"{len(names)} functions")


if __name__ == "__main__":
    main()
