"""Routes of accounts: money, positions, keys, limits, movements."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from l2forge.chain.batch import MAX_KEY_INDEX
from l2forge.ledger.messages import MessageError
from l2forge.ledger.messages.fields import word_bytes
from l2forge.venue import refusals
from l2forge.venue.api import shapes
from l2forge.venue.api.digits import Int64, is_number
from l2forge.venue.api.present import FEE_TICKS
from l2forge.venue.api.services import Services, services_of
from l2forge.venue.api.tokens import check_token
from l2forge.venue.translate import COLLATERAL_ASSET

router = APIRouter(prefix="/api/v1", tags=["account"])

ALL_KEYS = 255

Venue = Annotated[Services, Depends(services_of)]


def bearer(
    authorization: Annotated[str | None, Header()] = None,
    auth: Annotated[str | None, Query(description="an auth token, instead of the header")] = None,
) -> str | None:
    """The auth token of a request, from its header or its query."""
    return authorization or auth


Token = Annotated[str | None, Depends(bearer)]


def authorise(venue: Services, account: int, token: str | None) -> None:
    """Require a token of the account. Raises `MessageError`."""
    check_token(token, account, venue.sequencer.state.registry, venue.sequencer.now_ms)


@router.get("/account")
async def account(venue: Venue, by: str, value: str) -> shapes.DetailedAccounts:
    """Accounts with their positions, by index or l1_address."""
    registry = venue.sequencer.state.registry
    if by == "index" and is_number(value):
        indices = [registry.account(int(value)).index]
    elif by == "l1_address":
        indices = _of_owner(venue, value)
    else:
        raise MessageError(refusals.INVALID_PARAMETER, "by", by, remedy="use index or l1_address")
    found = [venue.present.detailed_account(index) for index in indices]
    return shapes.DetailedAccounts(total=len(found), accounts=found)


@router.get("/accountsByL1Address")
async def accounts_by_l1_address(venue: Venue, l1_address: str) -> shapes.SubAccounts:
    """An owner's accounts."""
    found = [shapes.Account(**venue.present.account_fields(index)) for index in _of_owner(venue, l1_address)]
    return shapes.SubAccounts(l1_address=l1_address, sub_accounts=found)


def _of_owner(venue: Services, address: str) -> list[int]:
    indices = venue.sequencer.state.registry.of_owner(address)
    if not indices:
        raise MessageError(
            refusals.ACCOUNT_NOT_FOUND, "l1_address", "it has no account", remedy="deposit on L1"
        )
    return indices


@router.get("/apikeys")
async def apikeys(
    venue: Venue, account_index: Int64, api_key_index: Int64 = ALL_KEYS
) -> shapes.AccountApiKeys:
    """Registered keys; 255: all of the account."""
    account = venue.sequencer.state.registry.account(account_index)
    if api_key_index != ALL_KEYS and api_key_index not in account.keys:
        raise MessageError(
            refusals.API_KEY_NOT_FOUND,
            "api_key_index",
            f"account {account_index} has no key {api_key_index}",
            remedy=f"register one (4 … {MAX_KEY_INDEX}) on L1",
        )
    wanted = list(account.keys) if api_key_index == ALL_KEYS else [api_key_index]
    return shapes.AccountApiKeys(
        api_keys=[
            shapes.ApiKey(
                account_index=account_index,
                api_key_index=index,
                nonce=account.keys[index].next_nonce,
                public_key=word_bytes(account.keys[index].public).hex(),
                transaction_time=account.keys[index].time_ms * 1000,
            )
            for index in wanted
        ]
    )


@router.get("/accountLimits")
async def account_limits(
    venue: Venue,
    account_index: Int64,
    token: Token = None,
) -> shapes.AccountLimits:
    """Fees and tier of an account."""
    authorise(venue, account_index, token)
    fees = venue.spec.fees
    maker = fees.maker.fraction if fees.maker is not None else 0
    return shapes.AccountLimits(
        current_maker_fee_tick=int(maker * FEE_TICKS),
        current_taker_fee_tick=int(fees.taker.fraction * FEE_TICKS),
    )


@router.get("/deposit/history")
async def deposit_history(
    venue: Venue,
    account_index: Int64,
    l1_address: str = "",
    token: Token = None,
) -> shapes.DepositHistory:
    """Deposits that have been credited, newest first."""
    authorise(venue, account_index, token)
    rows = await venue.ask_history(venue.history.movements, account_index, ["deposit"])
    amount = venue.sequencer.state.markets.amount
    return shapes.DepositHistory(
        deposits=[
            shapes.Deposit(
                id=str(row.sequence),
                amount=amount(row.units),
                timestamp=row.time_ms,
                l1_tx_hash=row.hash,
                asset_id=COLLATERAL_ASSET,
            )
            for row in rows
        ]
    )


@router.get("/withdraw/history")
async def withdraw_history(
    venue: Venue,
    account_index: Int64,
    token: Token = None,
) -> shapes.WithdrawHistory:
    """Withdrawals: pending until L1 has their batch, then claimable by the owner."""
    authorise(venue, account_index, token)
    rows = await venue.ask_history(venue.history.movements, account_index, ["withdraw"])
    state = venue.sequencer.state
    return shapes.WithdrawHistory(
        withdraws=[
            shapes.Withdrawal(
                id=str(row.sequence),
                amount=state.markets.amount(row.units),
                timestamp=row.time_ms,
                status=("claimable" if venue.history.block_of(row.sequence) <= state.proven else "pending"),
                l1_tx_hash=row.hash,
                asset_id=COLLATERAL_ASSET,
            )
            for row in rows
        ]
    )


@router.get("/transfer/history")
async def transfer_history(
    venue: Venue,
    account_index: Int64,
    token: Token = None,
) -> shapes.TransferHistory:
    """Transfers from and to an account, newest first."""
    authorise(venue, account_index, token)
    rows = await venue.ask_history(venue.history.movements, account_index, ["transfer"])
    state = venue.sequencer.state
    return shapes.TransferHistory(
        transfers=[
            shapes.Transfer(
                id=str(row.sequence),
                amount=state.markets.amount(row.units),
                timestamp=row.time_ms,
                type="L2TransferOutflow" if row.account == account_index else "L2TransferInflow",
                from_l1_address=state.registry.account(row.account).owner,
                to_l1_address=state.registry.account(row.other).owner,
                from_account_index=row.account,
                to_account_index=row.other,
                tx_hash=row.hash,
                asset_id=COLLATERAL_ASSET,
            )
            for row in rows
        ]
    )
