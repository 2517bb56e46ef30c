"""Warnings about custody: proofs, settlement, leaving, governance and roles."""

from __future__ import annotations

from collections import defaultdict

from l2forge.spec.models.operation import AnvilL1
from l2forge.spec.models.parties import KeyedAddress, Named
from l2forge.spec.models.settlement import OptimisticCalldata, OptimisticValidium
from l2forge.spec.warnings import constants as c
from l2forge.spec.warnings.case import Case, Check, KeyPath, Warnings
from l2forge.spec.warnings.model import (
    exit_time,
    full_batch_signatures,
    money,
    proving_time,
    seconds,
    share,
    signatures_per_s,
)
from l2forge.spec.warnings.words import amount, percent, span


def grace_short(case: Case) -> Warnings:
    """A short grace lets a brief outage, or a crowded L1, end the venue."""
    grace = seconds(case.spec.withdrawals.forced_grace)
    if grace < c.DAY_OF_GRACE_S:
        yield case.warn(
            "forced-grace-short",
            ("withdrawals", "forced_grace"),
            f"an L1 request unserved for {span(grace)} lets anyone freeze the venue for good: an outage or a"
            f" full L1"
            " for that long ends it, and no repair fits into it",
            'write "7d" or more',
        )


def timelock_short(case: Case) -> Warnings:
    """Users must be able to leave between the announcement of a change and the change."""
    lock = seconds(case.spec.governance.timelock)
    grace, leave = seconds(case.spec.withdrawals.forced_grace), exit_time(case.spec)
    if lock < grace + leave:
        yield case.warn(
            "timelock-short",
            ("governance", "timelock"),
            f"{span(lock)} of notice is less than {span(grace + leave)}: forced_grace {span(grace)} and"
            f" {span(leave)}"
            " for everyone to leave (batch, proof, window, limit on claims); a change can take effect before"
            " a user"
            " who dislikes it is out",
            f'write at least "{-(-(grace + leave) // c.DAY_S):.0f}d"',
        )


def proving_slower_than_cadence(case: Case) -> Warnings:
    """A batch should be proven before the next one closes."""
    proof = case.spec.proof
    time = proving_time(proof, full_batch_signatures(proof))
    interval = seconds(proof.max_interval)
    if time > interval and proof.workers == "local":
        trades = signatures_per_s(proof) / c.SIGNATURES_PER_TRADE.value
        yield case.warn(
            "proving-slower-than-cadence",
            ("proof", "max_interval"),
            f"a full batch of {proof.max_operations} rows is expected to take {span(time)} to prove (target:"
            f" {trades:.0f} trades/s on two cores at log_blowup {proof.log_blowup}), a batch closes each"
            f" {span(interval)}: at full load the unproven part grows",
            f'write at least "{-(-time // 1):.0f}s", lower max_operations, or name more workers',
        )


def lag_leaves_no_room(case: Case) -> Warnings:
    """A restart of a prover must not stop trading."""
    proof = case.spec.proof
    need = 3 * (seconds(proof.max_interval) + proving_time(proof, full_batch_signatures(proof)))
    lag = seconds(proof.max_lag)
    if lag < need:
        yield case.warn(
            "max-lag-tight",
            ("proof", "max_lag"),
            f"trading turns reduce-only once an operation is unproven for {span(lag)}; three batches with"
            f" their"
            f" proofs already take {span(need)}: one failed proof would stop trading",
            f'write at least "{-(-need // 60):.0f}m"',
        )


def bits_not_proven(case: Case) -> Warnings:
    """A conjecture is not a proof, and money depends on it."""
    proof = case.spec.proof
    if proof.regime == "conjectured":
        yield case.warn(
            "security-conjectured",
            ("proof", "regime"),
            f"{proof.security_bits} bits rest on a conjecture about Reed-Solomon codes; part of such"
            f" conjectures was"
            " refuted in 2025",
            'write "johnson", whose bound is proven',
        )
    if proof.security_bits < 100:
        yield case.warn(
            "security-low",
            ("proof", "security_bits"),
            f"{proof.security_bits} bits of soundness: a forged proof would cost 2^{proof.security_bits}"
            f" hashes, less"
            " than 2^100",
            "write 100 or more",
        )


def challenge_window_short(case: Case) -> Warnings:
    """Challengers need time when L1 is crowded or censored."""
    settlement = case.spec.settlement
    if not isinstance(settlement, OptimisticCalldata | OptimisticValidium):
        return
    window = seconds(settlement.challenge_window)
    if window < c.MIN_CHALLENGE_WINDOW_S:
        yield case.warn(
            "challenge-window-short",
            ("settlement", "challenge_window"),
            f"{span(window)} to notice a wrong batch and get a challenge into L1: whoever can crowd L1 out"
            f" for that"
            " long takes the deposits",
            'write "7d"',
        )


def response_deadline_short(case: Case) -> Warnings:
    """An honest proposer must be able to answer in time."""
    settlement = case.spec.settlement
    if not isinstance(settlement, OptimisticCalldata | OptimisticValidium):
        return
    deadline = seconds(settlement.response_deadline)
    need = proving_time(case.spec.proof, full_batch_signatures(case.spec.proof)) + 6 * 3600
    if deadline < need:
        yield case.warn(
            "response-deadline-short",
            ("settlement", "response_deadline"),
            f"{span(deadline)} to prove a challenged batch and get the proof into L1; with six hours for a"
            f" crowded L1"
            f" {span(need)} are needed: an honest batch could be rolled back",
            'write "1d"',
        )


def bond_small(case: Case) -> Warnings:
    """What a cheater can lose should bear some relation to what he can take."""
    settlement, rollout = case.spec.settlement, case.spec.rollout
    if not isinstance(settlement, OptimisticCalldata | OptimisticValidium) or rollout is None:
        return
    bond, deposits = money(settlement.bond), money(rollout.stages[-1].total_deposits)
    if bond < c.MIN_BOND_SHARE.value * deposits:
        yield case.warn(
            "bond-small",
            ("settlement", "bond"),
            f"a wrong batch could take up to {amount(deposits)} at the last stage and costs {amount(bond)}"
            f" when"
            f" caught, {percent(bond / deposits)} of it; the bond also has to pay the challenger's watch",
            f"write at least {amount(c.MIN_BOND_SHARE.value * deposits)}",
        )


def committee_weak(case: Case) -> Warnings:
    """A committee guards data only if its members are many, several and independent of the operator."""
    settlement = case.spec.settlement
    if settlement.data_availability != "validium":
        return
    size, threshold = len(settlement.committee), settlement.threshold
    if threshold * 2 <= size:
        yield case.warn(
            "committee-minority",
            ("settlement", "threshold"),
            f"{threshold} of {size} members suffice: a minority can sign for data that the others never saw",
            f"write at least {size // 2 + 1}",
        )
    if threshold == 1:
        yield case.warn(
            "committee-of-one",
            ("settlement", "threshold"),
            "one member alone decides whether users can prove their balances after a freeze",
            "name at least three members and write threshold = 2",
        )
    if threshold == size and size > 1:
        yield case.warn(
            "committee-unanimous",
            ("settlement", "threshold"),
            f"all {size} members must sign: one that is down stops settlement",
            f"write {size - 1}, or add a member",
        )


def party_name(party: Named | KeyedAddress) -> str:
    """A party as one comparable string."""
    return f"dev:{party.dev}" if party.dev is not None else str(party.address)


def one_key_many_roles(case: Case) -> Warnings:
    """Roles guard against each other only when different people hold them."""
    roles = case.spec.roles
    holders: dict[str, list[tuple[str, KeyPath]]] = defaultdict(list)
    for name in ("operator", "guardian", "governor"):
        holders[party_name(getattr(roles, name))].append((name, ("roles", name)))
    if case.spec.settlement.data_availability == "validium":
        for index, member in enumerate(case.spec.settlement.committee):
            holders[party_name(member)].append(
                (f"committee member {index + 1}", ("settlement", "committee", index))
            )
    for path, oracle in case.oracles():
        for index, source in enumerate(oracle.sources):
            signer = (
                f"dev:{source.signer.dev}" if source.signer.dev is not None else str(source.signer.address)
            )
            label = (f'source "{source.name}" of "{oracle.id}"', (*path, "sources", index, "signer"))
            if signer in holders and not holders[signer][0][0].startswith("source"):
                holders[signer].append(label)
    for key, names in holders.items():
        if len(names) > 1:
            yield case.warn(
                "one-key-many-roles",
                names[-1][1],
                f"{key} is {' and '.join(name for name, _ in names)}: one stolen key has all these powers at"
                f" once",
                "give each role a key of its own",
            )


def rollout_bold(case: Case) -> Warnings:
    """New code should not hold everything on its first day."""
    rollout = case.spec.rollout
    if rollout is None:
        yield case.warn(
            "rollout-missing",
            ("withdrawals",),
            "deposits have no cap from the first day on: an error found in the first week is worth everything"
            " that"
            " was deposited",
            'add [rollout] stages = [{ after = "0s", total_deposits = "1000000" }, …]',
        )
        return
    first = money(rollout.stages[0].total_deposits)
    if first > c.MAX_FIRST_STAGE.value:
        yield case.warn(
            "rollout-first-stage-large",
            ("rollout", "stages", 0, "total_deposits"),
            f"{amount(first)} may be deposited on the first day, before anyone has used the venue",
            f"begin with {amount(c.MAX_FIRST_STAGE.value / 10)} and raise it after some weeks",
        )
    for index in range(1, len(rollout.stages)):
        before, after = (
            money(rollout.stages[index - 1].total_deposits),
            money(rollout.stages[index].total_deposits),
        )
        if before > 0 and after > 100 * before:
            yield case.warn(
                "rollout-steep",
                ("rollout", "stages", index, "total_deposits"),
                f"the cap grows {after / before:.0f}-fold in one stage, from {amount(before)} to"
                f" {amount(after)}",
                "put a stage between them",
            )


def claims_too_slow(case: Case) -> Warnings:
    """A limit on claims protects against a thief; too low, it is a lock-up."""
    limit = case.spec.withdrawals.rate_limit
    if limit is None:
        yield case.warn(
            "no-withdrawal-limit",
            ("withdrawals",),
            "claims on L1 have no limit: a thief who gets one wrong batch through empties the venue at once",
            'add rate_limit = { fraction = "20%", window = "1d" }',
        )
        return
    everyone = seconds(limit.window) / share(limit.fraction)
    if everyone > 30 * c.DAY_S:
        yield case.warn(
            "withdrawals-slow",
            ("withdrawals", "rate_limit"),
            f"it takes {span(everyone)} until everyone's claim is paid: a run on the venue becomes a lock-up",
            'allow about { fraction = "20%", window = "1d" }',
        )


def few_confirmations(case: Case) -> Warnings:
    """A deposit that L1 takes back must not have been traded."""
    if isinstance(case.spec.l1, AnvilL1) or case.spec.settlement.confirmations >= 12:
        return
    n = case.spec.settlement.confirmations
    wait = n * seconds(case.spec.l1.block_time)
    yield case.warn(
        "few-confirmations",
        ("settlement", "confirmations"),
        f"a deposit counts after {n} blocks ({span(wait)}); Ethereum finalises after about 64 blocks, and a"
        f" deposit"
        " that a reorganisation takes back leaves the venue short",
        "write 12 or more, 64 to wait for finality",
    )


CHECKS: tuple[Check, ...] = (
    grace_short,
    timelock_short,
    proving_slower_than_cadence,
    lag_leaves_no_room,
    bits_not_proven,
    challenge_window_short,
    response_deadline_short,
    bond_small,
    committee_weak,
    one_key_many_roles,
    rollout_bold,
    claims_too_slow,
    few_confirmations,
)
