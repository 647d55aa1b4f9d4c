"""`weir` as a process of its own, as a shell runs it."""

import subprocess
import sys


def weir(*words: object, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the command line, and wait for its end."""
    command = [sys.executable, "-m", "jobs", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)
