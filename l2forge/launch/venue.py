"""The processes of a venue, in the order in which they need each other."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

from l2forge.chain.anvil import AnvilOptions, anvil_command, rpc_call
from l2forge.errors import EnvironmentFailure
from l2forge.launch.deployment import build, deploy
from l2forge.launch.home import Home, read_json
from l2forge.launch.managed import ProcessSpec, module_command
from l2forge.spec.load import LoadedSpec
from l2forge.spec.models.operation import AnvilL1
from l2forge.venue.kernels import told_of_compiling, warm_venue
from l2forge.venue.processes import READY_VARIABLE
from l2forge.venue.sources.http import resolve_url

PROBE_TIMEOUT_S = 2.0
STATE_INTERVAL_S = 1

Report = Callable[[str], None]


class Launch:
    """One venue's launch: what it is started from."""

    def __init__(self, home: Home, loaded: LoadedSpec, report: Report) -> None:
        self.home = home
        self.loaded = loaded
        self._report = report
        l1 = loaded.require().l1
        self.local = l1 if isinstance(l1, AnvilL1) else None
        if isinstance(l1, AnvilL1):
            self.l1_url = f"http://127.0.0.1:{home.port('l1')}"
        else:
            self.l1_url = resolve_url(l1.url)
        self.chain_id = l1.chain_id

    def processes(self) -> list[ProcessSpec]:
        """The local chain where there is one, venue, prover, submitter."""
        needed = ("l1",) if self.local is not None else ()
        venue = ProcessSpec("venue", self._venue_command, self._venue_answers, after=needed)
        workers = [self._worker("prover"), self._worker("submitter")]
        return [*([self._local_chain()] if self.local is not None else []), venue, *workers]

    def _local_chain(self) -> ProcessSpec:
        def command() -> list[str]:
            assert self.local is not None
            options = AnvilOptions(
                chain_id=self.local.chain_id,
                port=self.home.port("l1"),
                block_time_s=float(self.local.block_time.seconds),
                state=self.home.root / "anvil.json",
                state_interval_s=STATE_INTERVAL_S,
            )
            return anvil_command(options, report=self._report)

        return ProcessSpec("l1", command, self._l1_answers)

    def _l1_answers(self) -> bool:
        try:
            answered = rpc_call(self.l1_url, "eth_chainId", timeout_s=PROBE_TIMEOUT_S)
        except EnvironmentFailure:
            return False
        return int(answered, 16) == self.chain_id

    def _venue_command(self) -> list[str]:
        with told_of_compiling(self._report):
            self._report("building")
            build(self.home, self.loaded)
            warm_venue()  # here too, since only the supervisor can say what the launch waits for
            self._report("deploying the contracts, or finding them")
            deploy(self.home, self.loaded, self.l1_url)
        return module_command("l2forge.venue.server", str(self.home.settings))

    def _venue_answers(self) -> bool:
        return health(self.home) is not None

    def _worker(self, name: str) -> ProcessSpec:
        mark = self.home.root / "ready" / name

        def command() -> list[str]:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.unlink(missing_ok=True)
            return module_command(f"l2forge.venue.{name}", str(self.home.settings))

        environment = {READY_VARIABLE: str(mark)}
        return ProcessSpec(name, command, mark.exists, after=("venue",), environment=environment)


def api_url(home: Home) -> str | None:
    """Where the venue answers; None before its first launch."""
    settings = read_json(home.settings)
    if settings is None:
        return None
    host = f"[{settings['host']}]" if ":" in settings["host"] else settings["host"]
    return f"http://{host}:{settings['port']}"


def health(home: Home) -> dict[str, object] | None:
    """The venue's own report; None where it does not answer."""
    url = api_url(home)
    if url is None:
        return None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/api/v1/venue/health", timeout=PROBE_TIMEOUT_S) as response:
            report: dict[str, object] = json.load(response)
    except (OSError, ValueError):
        return None
    return report
