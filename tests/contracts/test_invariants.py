"""Random runs of users, operator and cheats against the deployed venue: what must hold at each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from l2forge.chain.anvil import AnvilNode
from l2forge.chain.batch import Request
from l2forge.chain.reverts import ContractReverted
from l2forge.chain.venue_deployment import DeployedVenue
from l2forge.stark.public import PublicValues

from .venues import GENESIS, STRANGER, USERS, Operator, pass_time, payout, root_of

UNITS = st.integers(1, 10**12)
WHO = st.sampled_from(USERS)
SUBS = st.integers(0, 1)
KEY = (1, 2, 3, 4, 5)


class Life(RuleBasedStateMachine):
    """A venue's life; `self.owed` and the lists are the model, the contracts are compared with it."""

    def __init__(self, deployed: DeployedVenue, node: AnvilNode) -> None:
        super().__init__()
        self.node, self.snapshot = node, node.rpc("evm_snapshot")
        self.operator = Operator(deployed)
        self.client = self.operator.client
        self.queue: list[Request] = []
        self.settled: list[PublicValues] = []
        self.owed = {user.address: 0 for user in USERS}
        self.spent = {user.address: 0 for user in USERS}
        self.paid = {user.address: 0 for user in USERS}
        self.began = {user.address: self.balance(user.address) for user in USERS}
        self.roots = [GENESIS]

    def teardown(self) -> None:
        self.node.rpc("evm_revert", self.snapshot)

    def balance(self, owner: str) -> int:
        """Tokens of an address."""
        return int(self.client.token.call("balanceOf", owner))

    @property
    def unserved(self) -> list[Request]:
        """Requests that no batch has taken."""
        return self.queue[self.operator.state.consumed :]

    @rule(who=WHO, units=UNITS, sub=SUBS)
    def deposit(self, who: Any, units: int, sub: int) -> None:
        try:
            self.queue.append(self.client.as_account(who).deposit(units, sub=sub).request)
            self.spent[who.address] += units
        except ContractReverted as refused:
            assert refused.revert.name == "DepositCapExceeded"

    @rule(who=WHO, units=UNITS)
    def fund(self, who: Any, units: int) -> None:
        self.queue.append(self.client.as_account(who).fund_insurance(units).request)
        self.spent[who.address] += units

    @rule(who=WHO, sub=SUBS, units=UNITS, key=st.booleans())
    def ask(self, who: Any, sub: int, units: int, key: bool) -> None:
        client = self.client.as_account(who)
        ask = (
            (lambda: client.register_key(4, KEY, sub=sub))
            if key
            else lambda: client.request_withdrawal(units, sub=sub)
        )
        if client.account_of(who.address, sub):
            self.queue.append(ask().request)
        else:
            with pytest.raises(ContractReverted, match="NoAccount"):
                ask()

    @rule(data=st.data())
    def batch(self, data: st.DataObject) -> None:
        """Any prefix of the queue, and payouts of anything that the venue has."""
        taken = self.unserved[: data.draw(st.integers(0, len(self.unserved)))]
        rest = self.operator.state.deposits_units - self.operator.state.withdrawals_units
        payouts = []
        for user in USERS:
            if self.client.account_of(user.address) and rest and data.draw(st.booleans()):
                units = data.draw(st.integers(1, rest))
                payouts.append(
                    payout(self.client, user.address, units, reference=data.draw(st.integers(0, 2)))
                )
                self.owed[user.address] += units
                rest -= units
        public = self.operator.batch(taken, payouts)
        self.operator.settle(public)
        self.settled.append(public)
        self.roots.append(self.operator.root)

    @precondition(lambda self: self.settled)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        self.refused(data.draw(st.sampled_from(self.settled)), "WrongRoot")

    @precondition(lambda self: len(self.unserved) > 1)
    @rule(data=st.data())
    def cheat(self, data: st.DataObject) -> None:
        """A batch that leaves a request out, or swaps two; proven all the same."""
        pending = self.unserved
        k = data.draw(st.integers(0, len(pending) - 2))
        swapped = [*pending[:k], pending[k + 1], pending[k], *pending[k + 2 :]]
        left_out = [*pending[:k], *pending[k + 1 :]]
        public = self.operator.batch(data.draw(st.sampled_from([swapped, left_out])))
        self.refused(public, "NotProven")
        self.operator.prove(public)
        self.refused(public, "RequestMismatch")

    @rule(offset=st.integers(1, 5))
    def wrong_root(self, offset: int) -> None:
        right, self.operator.root = self.operator.root, root_of(100 + offset)
        public = self.operator.batch()
        self.operator.root = right
        self.refused(public, "WrongRoot")

    @rule(who=WHO)
    def claim(self, who: Any) -> None:
        caller = self.client.as_account(STRANGER)
        if not self.owed[who.address]:
            with pytest.raises(ContractReverted, match="NothingToClaim"):
                caller.claim(who.address)
            return
        try:
            units = caller.claim(who.address).units
        except ContractReverted as refused:
            assert refused.revert.name == "LimitReached"
            return
        assert 0 < units <= self.owed[who.address]
        self.owed[who.address] -= units
        self.paid[who.address] += units

    @rule()
    def a_day_passes(self) -> None:
        pass_time(self.client, 86_400)

    def refused(self, public: PublicValues, error: str) -> None:
        """The contract refuses the batch, and nothing has changed."""
        with pytest.raises(ContractReverted, match=error):
            self.client.settle(public)

    @invariant()
    def solvent(self) -> None:
        totals = self.client.totals()
        held = self.balance(self.client.venue.address)
        assert held == self.client.liabilities() + totals.unclaimed
        assert totals.unclaimed == sum(self.owed.values())
        state = self.client.state()
        assert totals.withdrawn == state.withdrawals_units
        assert totals.deposited + totals.funded == state.deposits_units + sum(
            r.value for r in self.unserved if r.kind in (1, 4)
        )

    @invariant()
    def only_proven_batches_moved_the_root(self) -> None:
        assert self.client.root() == self.roots[-1]
        assert self.client.state() == self.operator.state
        assert self.client.state().batches == len(self.settled)
        assert self.client.n_requests() == len(self.queue)

    @invariant()
    def everybody_has_what_is_theirs(self) -> None:
        for owner, began in self.began.items():
            assert self.balance(owner) == began - self.spent[owner] + self.paid[owner]
        assert self.balance(STRANGER.address) == 0


def run(machine: Callable[[], RuleBasedStateMachine], examples: int, steps: int) -> None:
    """Random lives; derandomised, so that a failure comes again."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        ),
    )


@pytest.mark.slow
def test_a_few_lives(launched: DeployedVenue, node: AnvilNode) -> None:
    run(lambda: Life(launched, node), examples=3, steps=20)


@pytest.mark.nightly
def test_many_lives(launched: DeployedVenue, node: AnvilNode) -> None:
    run(lambda: Life(launched, node), examples=40, steps=50)
