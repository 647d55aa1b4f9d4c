"""Flink's REST interface, as far as the commands ask it."""

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

ANSWERS = 10.0
"""Seconds in which an answer must come."""


class RestError(Exception):
    """The interface does not answer, or with an error. The message holds the address and the status, no body."""


def get(url: str, context: ssl.SSLContext | None = None) -> Any:
    """What an address answers, from JSON.

    Args:
        url: the address.
        context: whom to trust, for https.

    Raises:
        RestError: no answer, or an error.
    """
    return ask(urllib.request.Request(url), context)


def ask(request: urllib.request.Request, context: ssl.SSLContext | None = None) -> Any:
    """What a request is answered with, from JSON.

    Raises:
        RestError: no answer, or an error.
    """
    try:
        # No proxy stands between a client and its cluster.
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
        with urllib.request.build_opener(*handlers).open(request, timeout=ANSWERS) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise RestError(f"{request.full_url} must answer; it answered {error.code}") from None
    except (OSError, ValueError) as error:
        raise RestError(f"{request.full_url} must answer; {type(error).__name__}; is the cluster running?") from None
