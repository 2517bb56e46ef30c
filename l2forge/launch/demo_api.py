"""What a trader of the demo has: an L1 account, a key, and HTTP."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from l2forge.errors import CheckFailed, EnvironmentFailure
from l2forge.ledger.messages import digest, table
from l2forge.ledger.schnorr import public_key, secret_from_seed, sign

TIMEOUT_S = 20.0
LIFETIME_MS = 600_000
"""How long a message is good for."""
ORDER_LIFETIME_MS = 3_600_000
KEY_INDEX = 5
COLLATERAL_ASSET = 3


class Api:
    """The venue's HTTP API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """GET /api/v1/PATH. Errors: CheckFailed with the venue's reason, EnvironmentFailure."""
        return self._answer(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", None)

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        """POST /api/v1/PATH with a form. Errors: CheckFailed with the venue's reason, EnvironmentFailure."""
        return self._answer(f"{self.url}/api/v1/{path}", urllib.parse.urlencode(form).encode())

    def _answer(self, url: str, body: bytes | None) -> dict[str, Any]:
        try:
            with self._opener.open(url, body, timeout=TIMEOUT_S) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            reason = error.read(2_000).decode(errors="replace")
            raise CheckFailed(f"the venue refused {url.rpartition('/')[2]}: {reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EnvironmentFailure(f"the venue does not answer: {error}", remedy="see its logs") from None
        return answer


@dataclass
class Trader:
    """Someone with money on L1 who trades. The key is drawn anew: it is worth nothing elsewhere."""

    name: str
    l1: LocalAccount
    chain_id: int
    api: Api
    account: int = 0
    secret: int = field(default_factory=lambda: secret_from_seed(secrets.token_bytes(40)), repr=False)

    @property
    def public_key(self) -> tuple[int, ...]:
        """What is registered on L1."""
        return public_key(self.secret)

    def send(self, tx_type: int, **values: Any) -> str:
        """Sign a message, with the nonce that the venue says is next, and send it; its hash.

        Errors: CheckFailed where it is refused.
        """
        nonce = self.api.get("nextNonce", account_index=self.account, api_key_index=KEY_INDEX)["nonce"]
        moves_money = tx_type in (table.WITHDRAW, table.TRANSFER)
        info = {
            "FromAccountIndex" if moves_money else "AccountIndex": self.account,
            "ApiKeyIndex": KEY_INDEX,
            "Nonce": nonce,
            "ExpiredAt": now_ms() + LIFETIME_MS,
            "L2TxAttributes": None,
            **values,
        }
        signature = sign(self.secret, digest(tx_type, info, self.chain_id))
        text = json.dumps({**info, "Sig": base64.b64encode(signature).decode()})
        return str(self.api.post("sendTx", tx_type=tx_type, tx_info=text)["tx_hash"])

    def order(self, market: int, lots: int, price: int, *, ask: bool, client: int, rests: bool = True) -> str:
        """A limit order that rests, or takes what is there at once; price in ticks."""
        return self.send(
            table.CREATE_ORDER,
            MarketIndex=market,
            ClientOrderIndex=client,
            BaseAmount=lots,
            Price=price,
            IsAsk=int(ask),
            Type=0,
            TimeInForce=int(rests),
            ReduceOnly=0,
            TriggerPrice=0,
            OrderExpiry=now_ms() + ORDER_LIFETIME_MS if rests else 0,
        )

    def cancel(self, market: int, client: int) -> str:
        """Cancel an order by the number that the trader gave it."""
        return self.send(table.CANCEL_ORDER, MarketIndex=market, Index=client)

    def withdraw(self, units: int) -> str:
        """Ask for collateral on L1."""
        return self.send(table.WITHDRAW, AssetIndex=COLLATERAL_ASSET, RouteType=0, Amount=units)

    def page(self) -> dict[str, Any]:
        """The account as the venue shows it: balance, positions."""
        found: dict[str, Any] = self.api.get("account", by="index", value=self.account)["accounts"][0]
        return found


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
