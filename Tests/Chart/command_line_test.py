"""The command line: what `--help` says of every command, and what a command line that is wrong is told."""

import re
import subprocess
import unittest

from cluster import BINARY


def help_of(*command):
    return subprocess.run([BINARY, *command, "--help"], capture_output=True, text=True, timeout=30,
                          check=True).stdout


def commands(*path):
    """A command and all below it."""
    yield path
    _, _, listed = help_of(*path).partition("SUBCOMMANDS:\n")
    for name in re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE):
        yield from commands(*path, name)


class Help(unittest.TestCase):
    def test_every_command_has_examples_and_exit_codes(self):
        everything = list(commands())
        self.assertGreater(len(everything), 15)
        for command in everything:
            text = help_of(*command).partition("\nUSAGE:")[0]
            with self.subTest(command=command):
                _, examples, codes = re.split("^EXAMPLES$|^EXIT CODES$", text, flags=re.MULTILINE)
                called = " ".join(["provider-discord", *command])
                self.assertRegex(examples, rf"(?m)^ +.*{called}")
                self.assertRegex(codes, r"(?m)\A\n  0 ")

    def test_no_example_and_no_code_is_broken_by_the_width_of_the_terminal(self):
        for command in commands():
            text = help_of(*command).partition("\nUSAGE:")[0]
            for line in text.partition("EXAMPLES\n")[2].splitlines():
                with self.subTest(command=command, line=line):
                    self.assertTrue(re.match("  |$|EXIT CODES$|docs/", line))


class WrongCommandLine(unittest.TestCase):
    def test_every_command_that_stays_names_the_level_that_it_does_not_know(self):
        for command, code in ((("run",), 64), (("sandbox",), 64), (("runbook", "serve"), 2)):
            with self.subTest(command=command):
                done = subprocess.run([BINARY, *command, "--log-level", "loud"], capture_output=True,
                                      text=True, timeout=30)
                self.assertEqual(done.returncode, code)
                self.assertIn("--log-level loud is none of trace, debug, ", done.stderr)

    def test_the_sandbox_needs_a_port_that_is_known(self):
        done = subprocess.run([BINARY, "sandbox", "--listen", "127.0.0.1:0"], capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--listen 127.0.0.1:0: ", done.stderr)
        self.assertIn("give one, such as 127.0.0.1:8080", done.stderr)


if __name__ == "__main__":
    unittest.main()
