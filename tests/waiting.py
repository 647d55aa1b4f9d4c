"""Waiting for what another process or thread does."""

import time
from collections.abc import Callable


def until(ready: Callable[[], bool], what: str, seconds: float = 180) -> None:
    """Ask again and again, until it is so; `what` says what must be, should it not."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"{what}; it does not within {seconds:g} s"
        time.sleep(0.3)
