"""The local node: it starts, has mainnet's limits, and ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from l2forge.chain.accounts import dev_account
from l2forge.chain.anvil import (
    BLOCK_GAS_LIMIT,
    TX_GAS_LIMIT,
    AnvilNode,
    AnvilOptions,
    rpc_call,
    running_anvil,
    start_anvil,
)
from l2forge.chain.client import connect, send_transaction
from l2forge.errors import CheckFailed, EnvironmentFailure


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def await_end(pid: int) -> bool:
    """Whether the process ends within ten seconds."""
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def test_it_has_mainnet_s_limits_and_our_keys(node: AnvilNode) -> None:
    w3 = connect(node.url)
    assert w3.eth.chain_id == 31_337
    assert w3.eth.get_block("latest")["gasLimit"] == BLOCK_GAS_LIMIT
    assert node.rpc("anvil_nodeInfo")["hardFork"] == "Osaka"
    assert w3.eth.get_balance(dev_account(31).address) > 0
    assert w3.eth.get_balance(dev_account(32).address) == 0


def test_a_transaction_beyond_the_gas_cap_is_refused(node: AnvilNode) -> None:
    w3 = connect(node.url)
    transfer = {"to": dev_account(1).address, "value": 1}
    assert send_transaction(w3, dev_account(0), transfer, gas=TX_GAS_LIMIT)
    with pytest.raises(CheckFailed, match="refused the transaction"):
        send_transaction(w3, dev_account(0), transfer, gas=TX_GAS_LIMIT + 1)


def test_it_listens_on_loopback_only(node: AnvilNode) -> None:
    assert node.url.startswith("http://127.0.0.1:")
    listening = Path("/proc/net/tcp").read_text()
    assert f"0100007F:{node.port:04X}" in listening
    assert f"00000000:{node.port:04X}" not in listening


def test_chain_id_accounts_and_block_time() -> None:
    with running_anvil(AnvilOptions(chain_id=88_001, accounts=1, block_time_s=0.1)) as node:
        assert int(node.rpc("eth_chainId"), 16) == 88_001
        assert int(node.rpc("eth_getBalance", dev_account(1).address, "latest"), 16) == 0
        deadline = time.monotonic() + 10
        while int(node.rpc("eth_blockNumber"), 16) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert int(node.rpc("eth_blockNumber"), 16) >= 2


def test_it_ends_after_an_exception() -> None:
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError), running_anvil() as node:
        seen.append(node.process.pid)
        _ = 1 // 0
    assert not is_running(seen[0])


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    node = start_anvil(AnvilOptions(), log=tmp_path / "logs" / "anvil.log")
    node.stop()
    node.stop()
    assert node.process.returncode == 0
    assert "Listening on" in (tmp_path / "logs" / "anvil.log").read_text()


def test_the_chain_survives_a_clean_stop(tmp_path: Path) -> None:
    options = AnvilOptions(state=tmp_path / "state.json")
    with running_anvil(options) as node:
        node.rpc("anvil_mine", 3)
    with running_anvil(options, log=tmp_path / "log") as node:
        assert int(node.rpc("eth_blockNumber"), 16) == 3


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, None), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_node_is_left_when_its_starter_is_ended(number: signal.Signals, status: int | None) -> None:
    code = (
        "import time\nfrom l2forge.chain.anvil import running_anvil\n"
        "with running_anvil() as node:\n    print(node.process.pid, flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    assert is_running(pid)
    os.kill(process.pid, number)
    assert process.wait(20) == (process.returncode if status is None else status)
    assert await_end(pid)
    process.stdout.close()


def test_a_port_that_is_taken(node: AnvilNode) -> None:
    with (
        pytest.raises(EnvironmentFailure, match="choose another port"),
        running_anvil(AnvilOptions(port=node.port)),
    ):
        pass


def test_a_node_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    with (
        pytest.raises(EnvironmentFailure, match="unexpected argument"),
        running_anvil(AnvilOptions(extra=("--no-such-option",))),
    ):
        pass


def test_old_words_in_the_log_are_not_taken_for_new_ones(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Listening on 127.0.0.1:1\n")
    with running_anvil(log=log) as node:
        assert node.port != 1


def test_an_executable_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("L2FORGE_ANVIL", str(tmp_path / "nothing"))
    with pytest.raises(EnvironmentFailure), running_anvil():
        pass


def test_a_call_without_answer_and_a_call_that_is_refused(node: AnvilNode) -> None:
    with pytest.raises(EnvironmentFailure, match="is the node running"):
        rpc_call("http://127.0.0.1:9", "eth_chainId")
    with pytest.raises(EnvironmentFailure, match="eth_noSuchMethod"):
        node.rpc("eth_noSuchMethod")
