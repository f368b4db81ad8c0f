#!/usr/bin/env python3
"""Writes the fuzzer's first inputs: seeds.py HOSTILE_FOLDER SCRIPTS_FOLDER OUTPUT_FOLDER

One for each hostile script of the bridge's tests, one for each function of our own libraries, and
some JSON texts. An input is a function's body, a NUL byte and a JSON argument.
"""

import hashlib
import pathlib
import re
import sys

HOSTILE = re.compile(
    r'HostileScript\(\s*"(?:[^"\\]|\\.)*",\s*\.\w+(?:\(\.\w+\))?,\s*'
    r'(?:"""\n(?P<block>.*?)\n\s*"""|"(?P<line>(?:[^"\\]|\\.)*)")\s*\)',
    re.S,
)
ESCAPE = re.compile(r'\\(["\\nt])')
FUNCTION = re.compile(r"^(?:local )?function [\w.]+\((.*?)\)\n(.*?)^end$", re.M | re.S)
MEANING = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
ARGUMENTS = (
    b"",
    b'{"spec":{"forProvider":{"name":"general","type":0,"topic":null,"tags":[]}},"n":3.0}',
    b'["\\u00e9\\ud83d\\ude00",9223372036854775807,18446744073709551615,-1.5e300,true,{}]',
    b"[" * 60 + b"]" * 60,
)


def bodies(hostile: pathlib.Path, scripts: pathlib.Path):
    for file in sorted(hostile.glob("*Scripts.swift")):
        for found in HOSTILE.finditer(file.read_text()):
            text = found["block"] if found["block"] is not None else found["line"]
            yield ESCAPE.sub(lambda escape: MEANING[escape[1]], text)
    for file in sorted(scripts.glob("lib/*.lua")):
        for arguments, body in FUNCTION.findall(file.read_text()):
            yield f"local {arguments} = ...\n{body}" if arguments else body
    yield "return ..."
    yield "return host.perform{effect = 'echo', value = ...}"


def main() -> None:
    hostile, scripts, output = (pathlib.Path(argument) for argument in sys.argv[1:4])
    output.mkdir(parents=True, exist_ok=True)
    count = 0
    for index, body in enumerate(bodies(hostile, scripts)):
        content = body.encode() + b"\0" + ARGUMENTS[index % len(ARGUMENTS)]
        (output / hashlib.sha1(content).hexdigest()).write_bytes(content)
        count += 1
    # After 0xff the bytes are choices for script_writer.c.
    for index in range(64):
        choices = b"\xff" + bytes(1 + (index * 37 + at * at * 11) % 255 for at in range(40 + index * 4))
        content = choices + b"\0" + ARGUMENTS[index % len(ARGUMENTS)]
        (output / hashlib.sha1(content).hexdigest()).write_bytes(content)
        count += 1
    if count < 160:
        sys.exit(f"only {count} seeds were found: did the hostile scripts change their form?")
    print(f"{count} seeds")


main()
