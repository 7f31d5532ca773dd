"""The PDF step reaches neither network nor disk (W5): it works when no file and no socket can be opened."""

import os
import subprocess
import sys
from pathlib import Path

import letters

HOSTILE = """
import os, resource, socket, sys
from dataclasses import replace
from datetime import date
import letters
from letters import words

letter = letters.LETTERS["statement"]
on = date(2026, 3, 2)
letters.render("statement", letter.sample, on=on)      # fonts are read once
resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
for reach in (lambda: open("/etc/hostname"), socket.socket):
    try:
        reach()
        sys.exit("something could be opened")
    except OSError:
        pass
for hostile in (
    '#read("/etc/passwd")', '#image("http://127.0.0.1:9/x.png")', '#import "@preview/cetz:0.3.0": *',
    '#include "/mail.typ"', "#while true {}", "#sys.inputs", "file:///etc/passwd", "http://127.0.0.1:9/",
    "<img src=http://127.0.0.1:9/x>", "{{ paid }}", "\\\\u{202e}evil", "王 Παπα",
):
    made = letters.render("statement", {**letter.sample, "guarantor": hostile, "practice": hostile}, on=on)
    assert made.pdf.startswith(b"%PDF") and b"root:" not in made.pdf, hostile
print("reached nothing")
"""


def test_a_letter_is_made_without_opening_a_file_or_a_socket() -> None:
    root = Path(letters.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.stdout.strip() == "reached nothing", done.stderr
