"""The local L1: one anvil process, with the limits that mainnet has, that ends with whoever started it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from l2forge.chain.toolchain import MEND, Report, ensure_toolchain, silent
from l2forge.errors import EnvironmentFailure

LOCAL_CHAIN_ID = 31_337  # what anvil and hardhat call themselves
BLOCK_GAS_LIMIT = 60_000_000  # mainnet's since Fusaka (EIP-7935)
TX_GAS_LIMIT = 16_777_216  # EIP-7825
HARDFORK = "osaka"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0

# Linux can end a child when its parent is gone, even by kill -9; set in the child itself just before it
# becomes anvil, since code between fork and exec in a threaded parent may deadlock.
_LINUX_LAUNCHER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGTERM
if os.getppid() != int(sys.argv[1]): sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class AnvilOptions:
    """How the node is started. `port` 0: any free one. `block_time_s` None: a block per transaction.

    `state`: a file to resume from and to write at a clean stop (SIGTERM; nothing survives kill -9 except
    what `state_interval_s` wrote). `accounts`: how many development keys are funded.
    """

    chain_id: int = LOCAL_CHAIN_ID
    port: int = 0
    block_time_s: float | None = None
    accounts: int = 32
    state: Path | None = None
    state_interval_s: int | None = None
    extra: tuple[str, ...] = field(default=())

    def arguments(self) -> list[str]:
        """The command line after the executable's name."""
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--chain-id", str(self.chain_id)]
        arguments += ["--hardfork", HARDFORK, "--gas-limit", str(BLOCK_GAS_LIMIT), "--enable-tx-gas-limit"]
        arguments += ["--accounts", str(self.accounts)]
        if self.block_time_s is not None:
            arguments += ["--block-time", f"{self.block_time_s:g}"]
        if self.state is not None:
            arguments += ["--state", str(self.state)]
        if self.state_interval_s is not None:
            arguments += ["--state-interval", str(self.state_interval_s)]
        return [*arguments, *self.extra]


@dataclass(frozen=True)
class AnvilNode:
    """A node that answers. `log` is everything it printed."""

    process: subprocess.Popen[bytes]
    port: int
    chain_id: int
    log: Path

    @property
    def url(self) -> str:
        """Where its JSON-RPC listens; loopback only."""
        return f"http://127.0.0.1:{self.port}"

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call, e.g. rpc("evm_increaseTime", 60). Errors: EnvironmentFailure."""
        return rpc_call(self.url, method, *params)

    def stop(self) -> None:
        """End it and wait: SIGTERM, so that it writes its state, then SIGKILL. Harmless when it has ended."""
        _end(self.process)


@contextlib.contextmanager
def running_anvil(
    options: AnvilOptions = AnvilOptions(), *, log: Path | None = None, report: Report = silent
) -> Iterator[AnvilNode]:
    """A local node for the length of a `with` block; ended on every way out of it.

    Without `log`, its output goes to a temporary file that is removed at the end.
    Errors: EnvironmentFailure with the node's own words if it does not start.
    """
    with contextlib.ExitStack() as stack:
        if log is None:
            log = (
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="l2forge-anvil-"))) / "anvil.log"
            )
        node = start_anvil(options, log=log, report=report)
        try:
            yield node
        finally:
            node.stop()


def anvil_command(options: AnvilOptions, *, report: Report = silent) -> list[str]:
    """The command line of a node that, on Linux, ends with this process. Errors: EnvironmentFailure."""
    command = [str(ensure_toolchain(report).anvil), *options.arguments()]
    if sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _LINUX_LAUNCHER, str(os.getpid()), *command]
    return command


def start_anvil(options: AnvilOptions, *, log: Path, report: Report = silent) -> AnvilNode:
    """Start a node and wait until it answers; the caller stops it (`running_anvil` does so by itself).

    On Linux it also ends when the thread that called this ends: start it from one that lives long enough.
    Errors: EnvironmentFailure.
    """
    command = anvil_command(options, report=report)
    log.parent.mkdir(parents=True, exist_ok=True)
    start = log.stat().st_size if log.exists() else 0
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
    except OSError as error:
        raise EnvironmentFailure(f"cannot run anvil: {error.strerror}", remedy=MEND) from error
    try:
        port = _await_ready(process, options, log, start)
    except BaseException:
        _end(process)
        raise
    return AnvilNode(process, port, options.chain_id, log)


def _await_ready(process: subprocess.Popen[bytes], options: AnvilOptions, log: Path, start: int) -> int:
    """The port, once the node has printed that it listens and has answered with its chain id."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        said = log.read_bytes()[start:].decode(errors="replace")
        if process.poll() is not None:
            raise EnvironmentFailure(f"anvil ended at its start: {_last_words(said)}", remedy=_remedy(said))
        listening = re.search(r"^Listening on 127\.0\.0\.1:(\d+)", said, re.MULTILINE)
        if listening:
            port = int(listening.group(1))
            with contextlib.suppress(EnvironmentFailure):
                if int(rpc_call(f"http://127.0.0.1:{port}", "eth_chainId"), 16) == options.chain_id:
                    return port
        time.sleep(0.01)
    raise EnvironmentFailure(f"anvil did not answer within {START_TIMEOUT_S:.0f} s", remedy=f"see {log}")


def _last_words(said: str) -> str:
    """The error that it printed with what explains it, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.lower().startswith("error")]
    return " | ".join(lines[errors[0] :][:2] if errors else lines[-1:]) or "it said nothing"


def _remedy(said: str) -> str:
    if "in use" in said:
        return "choose another port, or stop what listens there"
    if "GLIBC" in said:
        return (
            "this system's C library is too old for the pinned anvil: set L2FORGE_ANVIL to one built for it"
        )
    return MEND


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def rpc_call(url: str, method: str, *params: Any, timeout_s: float = 10.0) -> Any:
    """One JSON-RPC call without web3 (whose import takes longer than the node's start).

    Errors: EnvironmentFailure if there is no answer or the answer is an error.
    """
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy
    try:
        with opener.open(request, timeout=timeout_s) as response:
            answer = json.load(response)
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(f"{method} at {url}: {error}", remedy="is the node running?") from error
    if "error" in answer:
        raise EnvironmentFailure(f"{method} at {url}: {answer['error'].get('message')}")
    return answer["result"]
