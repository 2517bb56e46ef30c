"""Who acts in the venue, and where secrets are: development keys, addresses, `env:` and `file:` references.

A party is written "dev:N" (the N-th local key, on a local chain only), as an address "0x…" where the venue
never signs for it, or as `{ address = "0x…", key = "env:NAME" }`. A secret itself never stands in a spec.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from l2forge.spec.models.base import Table
from l2forge.spec.models.values import Text, refuse, show

MAX_DEV_KEY = 9_999
PRIVATE_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}", re.ASCII)
_REFERENCE = r"(env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[^\x00-\x1f]{1,1000})"
_KEY_LIKE = re.compile(r"(?=.*[0-9])[A-Za-z0-9_-]{20,}|[0-9a-fA-F]{16,}", re.ASCII)


def _read_address(text: str) -> str:
    body = text[2:]
    if body.lower() != body and body.upper() != body:
        from eth_utils.address import is_checksum_address

        if not is_checksum_address(text):
            raise refuse(
                "bad-address",
                f"{show(text)} fails its checksum (EIP-55): a digit is mistyped",
                "copy the address again, or write it in lower case if you are sure",
            )
    return "0x" + body.lower()


def _read_secret(text: str) -> str:
    if re.fullmatch(_REFERENCE, text, re.ASCII) is None:
        raise refuse(
            "secret-in-spec",
            "this is not a reference to a secret, and a secret itself must not stand in a spec",
            'write "env:NAME" or "file:PATH"; if it was a real key, replace that key',
        )
    return text


def _read_url(text: str) -> str:
    if re.fullmatch(_REFERENCE, text, re.ASCII):
        return text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, None
    if parts is None or not host or parts.scheme not in ("http", "https", "ws", "wss"):
        raise refuse("bad-url", f"{show(text)} is not a URL", 'write "https://host/path" or "env:NAME"')
    secret = parts.username is not None or parts.password is not None or parts.query or parts.fragment
    if secret or any(_KEY_LIKE.fullmatch(segment) for segment in parts.path.split("/")):
        raise refuse(
            "secret-in-url",
            "this URL carries a user, a password, a key or a query, which may be a secret",
            'put the URL into an environment variable and write "env:NAME"',
        )
    return text


Address = Annotated[
    str,
    Text(
        "address",
        r"^0x[0-9a-fA-F]{40}$",
        "0x and 40 hexadecimal digits",
        code="bad-address",
        also=_read_address,
    ),
]
PublicKey = Annotated[
    str,
    Text(
        "public key",
        r"^0x[0-9a-fA-F]{80}$",
        "0x and 80 hexadecimal digits: the 40 bytes of an ecGFp5 public key",
        code="bad-address",
        also=str.lower,
    ),
]
Secret = Annotated[
    str,
    Text("reference to a secret", r"^[^\n]+$", '"env:NAME" or "file:PATH"', "secret-in-spec", _read_secret),
]
Url = Annotated[str, Text("URL", r"^[^\n]+$", '"env:NAME" or "https://host/path"', "bad-url", _read_url)]


@dataclass(frozen=True)
class Named:
    """A party written as one string: a development key or an address (of which the venue holds no key)."""

    dev: int | None = None
    address: str | None = None
    key: str | None = None

    def text(self) -> str:
        """The canonical spelling."""
        return f"dev:{self.dev}" if self.address is None else self.address


@dataclass(frozen=True)
class _NamedText:
    """Reads `Named` from "dev:N" or an address."""

    hex_digits: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.text()),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        pattern = f"^(dev:(0|[1-9][0-9]{{0,3}})|0x[0-9a-fA-F]{{{self.hex_digits}}})$"
        return {"type": "string", "pattern": pattern, "x-unit": "party"}

    def read(self, value: Any) -> Named:
        if isinstance(value, Named):
            return value
        form = f'write "dev:N" or 0x and {self.hex_digits} hexadecimal digits, with key = "env:NAME"'
        if not isinstance(value, str):
            raise refuse("wrong-type", "a party belongs here", form)
        if re.fullmatch(r"dev:(0|[1-9][0-9]{0,3})", value, re.ASCII):
            return Named(dev=int(value[4:]))
        if PRIVATE_KEY.fullmatch(value):
            raise refuse(
                "secret-in-spec",
                "this looks like a private key, and a secret must not stand in a spec",
                'write { address = "0x…", key = "env:NAME" }; if it was a real key, replace that key',
            )
        if re.fullmatch(rf"0x[0-9a-fA-F]{{{self.hex_digits}}}", value, re.ASCII) is None:
            raise refuse("bad-address", f"{show(value)} is neither a development key nor an address", form)
        return Named(address=_read_address(value) if self.hex_digits == 40 else value.lower())


class KeyedAddress(Table):
    """An address and where its private key is."""

    address: Address = Field(description="the account on L1")
    key: Secret | None = Field(
        default=None,
        description="where its private key is, if the venue signs for it: `env:NAME` or `file:PATH`",
    )

    @property
    def dev(self) -> int | None:
        """No development key."""
        return None


class KeyedSigner(Table):
    """A public key for price reports and where its secret key is."""

    public_key: PublicKey = Field(description="the ecGFp5 public key that the reports are signed with")
    key: Secret | None = Field(
        default=None,
        description="where its secret key is, if the venue runs the source: `env:NAME` or `file:PATH`",
    )

    @property
    def dev(self) -> int | None:
        """No development key."""
        return None

    @property
    def address(self) -> str:
        """The public key, under the name that parties share."""
        return self.public_key


def _form(value: Any) -> str:
    return "@table" if isinstance(value, dict | Table) else "@text"


Party = Annotated[
    Annotated[Annotated[Named, _NamedText(40)], Tag("@text")] | Annotated[KeyedAddress, Tag("@table")],
    Discriminator(_form),
]
Signer = Annotated[
    Annotated[Annotated[Named, _NamedText(80)], Tag("@text")] | Annotated[KeyedSigner, Tag("@table")],
    Discriminator(_form),
]
