"""What can be wrong with keys. No message holds key material."""

import os


class KeysError(Exception):
    """Keys cannot be used. The message says which, why, and what to do next."""


class KeyFileError(KeysError):
    """A key file cannot be used. The message names the file and the next step."""

    def __init__(self, path: str | os.PathLike[str], problem: str, step: str) -> None:
        super().__init__(f"key file {os.fspath(path)}: {problem}; {step}")


class KeysUnavailable(KeysError):
    """Who keeps the keys cannot be reached, or refuses: a job stops with it and tries again, and lets nothing pass."""
