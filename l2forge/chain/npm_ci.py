"""One run of `npm ci`, shielded from what the user's npm is configured to do, with its failures explained."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from l2forge.chain.files import CACHE_VARIABLE
from l2forge.chain.node import NodeRuntime, node_environment
from l2forge.errors import EnvironmentFailure

TIMEOUT_S = 900

# Each of these is something that a user's .npmrc or environment can set and that would change what gets
# installed. The registry, its credentials, certificates and proxies are the user's and stay as they are.
_FLAGS = (
    "--ignore-scripts",  # no package runs code at installation; anvil's only hunts for its binary
    "--prefer-offline",  # safe: every byte is checked against the lock
    "--include=prod",
    "--include=optional",  # anvil's executable is an optional dependency, chosen by platform
    "--install-strategy=hoisted",
    "--no-global",
    "--no-dry-run",
    "--no-workspaces",
    "--no-legacy-peer-deps",
    "--no-engine-strict",  # anvil's packages name a Node.js for their launcher, which is not used
    "--no-bin-links",
    "--package-lock",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-progress",
    "--loglevel=error",
)

_OFFLINE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT"
)


def run_npm_ci(runtime: NodeRuntime, project: Path) -> None:
    """Install `project`'s lock file into `project`/node_modules.

    Errors: EnvironmentFailure with npm's own last lines and a remedy. On Ctrl-C npm and its children end too.
    """
    command = [*runtime.npm, "ci", *_FLAGS, f"--prefix={project}"]
    environment = {key: value for key, value in node_environment(runtime.node).items() if key != "INIT_CWD"}
    process = subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # its own process group, so that all of it can be ended at once
    )
    try:
        output, _ = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailure(
            f"npm did not finish within {TIMEOUT_S} s", remedy="check the network and try again"
        ) from error
    finally:
        if process.poll() is None:
            _end_group(process)
    if process.returncode != 0:
        raise _explained(output, process.returncode)


def _end_group(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:  # Windows
        process.kill()
    process.wait()


def _explained(output: str, status: int) -> EnvironmentFailure:
    lines = [line for line in output.splitlines() if "error" in line.lower() and "complete log" not in line]
    summary = " | ".join(lines[:4]) or f"npm ended with status {status}"
    return EnvironmentFailure(f"npm could not install the tool chain: {summary}", remedy=_remedy(output))


def _remedy(output: str) -> str:
    if "ENOSPC" in output or "EDQUOT" in output:
        return f"free some disk space, or set {CACHE_VARIABLE} to a directory on a larger disk"
    if "EINTEGRITY" in output:
        return "the registry served other bytes than the lock file pins: do not use them; check your registry"
    if _OFFLINE.search(output):
        return "connect to the network (or point npm at a reachable registry) and try again; once is enough"
    if re.search(r"CERT|SSL|self.signed", output):
        return "npm does not trust the registry's certificate: set its `cafile`, then try again"
    if "EACCES" in output or "EROFS" in output or "EPERM" in output:
        return f"make npm's cache and the tool cache writable, or set {CACHE_VARIABLE}"
    if "E404" in output or "ETARGET" in output:
        return "the configured npm registry lacks a pinned package: use one that mirrors the public one"
    if "E401" in output or "E403" in output:
        return "log in to the configured npm registry (`npm login`) and try again"
    return "try `l2forge doctor --fix`; npm's own log has the details"
