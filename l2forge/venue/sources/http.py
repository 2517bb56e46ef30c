"""A price from a JSON document on the web, such as a public exchange's ticker.

Numbers are read as exact decimals. The document is bounded in size and time, redirects are not followed, and
no message shows the URL, which may hold a key.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

import httpx
import numpy as np

from l2forge.errors import InputError
from l2forge.venue.sources.price import SeenPrice, SourceUnavailable, exact_price

TIMEOUT_S = 5.0
MAX_BYTES = 1 << 20
MAX_NESTING = 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.?)*+(?:"|\Z)', re.S)  # an open string ends with the text: linear time
_REFERENCE = "env:"


def resolve_url(reference: str) -> str:
    """The URL itself, or what the environment variable of an `env:NAME` holds."""
    if not reference.startswith(_REFERENCE):
        return reference
    name = reference[len(_REFERENCE) :]
    url = os.environ.get(name, "")
    if not url:
        raise InputError(f"the environment variable {name} is not set", remedy=f"export {name}=https://…")
    return url


def follow(document: Any, json_path: str) -> Any:
    """The value at the path: keys and indices joined by dots. ValueError: where it ends."""
    value = document
    for number, part in enumerate(json_path.split(".")):
        place = ".".join(json_path.split(".")[:number]) or "the document"
        if isinstance(value, dict):
            if part not in value:
                raise ValueError(f'{place} has no key "{part}"')
            value = value[part]
        elif isinstance(value, list):
            if not part.isdigit() or int(part) >= len(value):
                raise ValueError(f'{place} is an array of {len(value)}, without "{part}"')
            value = value[int(part)]
        else:
            raise ValueError(f'{place} is {type(value).__name__}, without "{part}"')
    return value


def nesting(body: bytes) -> int:
    """The deepest nesting of arrays and objects, strings left out.

    json's own parser recurses in C and takes the process down when the recursion limit was raised.
    """
    text = np.frombuffer(_STRING.sub(b"", body), dtype=np.uint8)
    opens = (text == ord("[")) | (text == ord("{"))
    closes = (text == ord("]")) | (text == ord("}"))
    depth = np.cumsum(opens.astype(np.int64) - closes)
    return int(depth.max(initial=0))


class HttpPrices:
    """A JSON document's price; read when asked. Its time is the moment before the request."""

    def __init__(
        self,
        name: str,
        url: str,
        json_path: str,
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.json_path = json_path
        self.timeout_s = timeout_s
        self._clock = clock
        self._url = resolve_url(url)
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False)

    def read(self, now_ms: int) -> SeenPrice:
        """The price in the document as it is now."""
        try:
            body = self._fetch()
            if nesting(body) > MAX_NESTING:
                raise ValueError(f"the answer is nested deeper than {MAX_NESTING}")
            document = json.loads(body, parse_float=Decimal, parse_constant=_not_a_number)
            return SeenPrice(exact_price(follow(document, self.json_path)), now_ms)
        except json.JSONDecodeError as error:
            reason = f"the answer is not JSON (line {error.lineno})"
        except UnicodeDecodeError:
            reason = "the answer is not JSON"
        except ValueError as error:
            reason = str(error)
        raise SourceUnavailable(f"{self.name}: {reason}", remedy="check url and json_path")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _fetch(self) -> bytes:
        """The answer's body, within MAX_BYTES and timeout_s in all (httpx's own timeout is per read)."""
        deadline = self._clock() + self.timeout_s
        body = bytearray()
        try:
            with self._client.stream("GET", self._url) as answer:
                if answer.status_code != httpx.codes.OK:
                    self._refuse(f"the server answered {answer.status_code}")
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        self._refuse(f"the answer is longer than {MAX_BYTES} bytes")
                    if self._clock() > deadline:
                        self._refuse(f"no whole answer within {self.timeout_s:g} s")
        except httpx.TimeoutException:
            self._refuse(f"no answer within {self.timeout_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._refuse(f"no connection ({type(error).__name__})")
        return bytes(body)

    def _refuse(self, reason: str) -> NoReturn:
        raise SourceUnavailable(f"{self.name}: {reason}", remedy="check the network and the source's url")


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a price")
