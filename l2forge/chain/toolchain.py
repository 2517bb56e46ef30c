"""The pinned tool chain: solc, anvil and OpenZeppelin from npm, in a cache per user.

`npm/package-lock.json` pins every package by version and integrity hash and names no address: npm takes
the packages from whatever registry the user has configured, and refuses any byte that does not match.

    <cache>/toolchain/<hash of the lock file>/node_modules/…
                                             /manifest.json     sha256 of every installed file
                     /.install-…             an installation under way; renamed when complete
                     /install.lock           one installer at a time (the kernel drops the lock of a dead one)
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from l2forge.chain.files import (
    CACHE_VARIABLE,
    cache_dir,
    explained_os_errors,
    sync_directory,
    write_atomically,
)
from l2forge.chain.node import find_node
from l2forge.chain.npm_ci import run_npm_ci
from l2forge.errors import EnvironmentFailure

ANVIL_VARIABLE = "L2FORGE_ANVIL"
NPM_PROJECT = Path(__file__).resolve().parent / "npm"
MANIFEST = "manifest.json"
NEEDED_BYTES = 250_000_000  # twice the 112 MB that npm's cache, the packages and a temporary copy take
MEND = "run `l2forge doctor --fix`"
_STAGING_PREFIX = ".install-"

Report = Callable[[str], None]


def silent(_: str) -> None:
    """A report that goes nowhere."""


@functools.cache
def lock_hash() -> str:
    """The identity of the tool chain: sha256 of the package lock, the first 16 hex digits."""
    return hashlib.sha256((NPM_PROJECT / "package-lock.json").read_bytes()).hexdigest()[:16]


@functools.cache
def pinned_versions() -> dict[str, str]:
    """Package name → version, as package.json pins them (exact versions only)."""
    project = json.loads((NPM_PROJECT / "package.json").read_text())
    return {**project["dependencies"], **project["optionalDependencies"]}


def anvil_version() -> str:
    """The pinned version of the local node, the same on every platform."""
    return next(version for name, version in pinned_versions().items() if "/anvil-" in name)


def anvil_package() -> str:
    """The npm package with anvil's executable for this machine, e.g. "@foundry-rs/anvil-linux-amd64".

    Only platforms whose package is pinned with an integrity hash in the lock file are installed.
    """
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    system = {"Windows": "win32"}.get(platform.system(), platform.system().lower())
    architecture = machine.get(platform.machine().lower(), platform.machine().lower())
    return f"@foundry-rs/anvil-{system}-{architecture}"


@dataclass(frozen=True)
class Toolchain:
    """An installed tool chain. Paths only: nothing is read until it is used."""

    root: Path

    @property
    def modules(self) -> Path:
        """`node_modules`: what Solidity's import paths such as "@openzeppelin/…" are relative to."""
        return self.root / "node_modules"

    @property
    def soljson(self) -> Path:
        """The Solidity compiler, WebAssembly inside one JavaScript file."""
        return self.modules / "solc" / "soljson.js"

    @property
    def anvil(self) -> Path:
        """The local node's executable: $L2FORGE_ANVIL if set, else the pinned one.

        Errors: EnvironmentFailure where the pinned lock file has no executable for this machine.
        """
        override = os.environ.get(ANVIL_VARIABLE, "")
        if override:
            return Path(override).expanduser().absolute()
        name = "anvil.exe" if os.name == "nt" else "anvil"
        path = self.modules / anvil_package() / "bin" / name
        if anvil_package() not in pinned_versions():
            raise EnvironmentFailure(
                f"the tool chain pins no anvil for this kind of machine ({anvil_package()})",
                remedy=f"install anvil {anvil_version()} and set {ANVIL_VARIABLE} to its path",
            )
        return path

    def compiler_sha256(self) -> str:
        """sha256 of the compiler, checked against the manifest. Errors: EnvironmentFailure if it differs."""
        name = self.soljson.relative_to(self.root).as_posix()
        digest = file_sha256(self.soljson)
        if digest != self._manifest()[name][1]:
            raise EnvironmentFailure(
                f"the compiler {self.soljson} was changed after installation", remedy=MEND
            )
        return digest

    def _manifest(self) -> dict[str, tuple[int, str]]:
        """File name → size and sha256 at installation. Errors: OSError, ValueError."""
        files = json.loads((self.root / MANIFEST).read_text())["files"]
        return {name: (int(size), str(digest)) for name, (size, digest) in files.items()}

    def damage(self, *, thorough: bool) -> list[str]:
        """What differs from the manifest written at installation; an empty list if nothing does.

        Quick: every file is there with its size (about 10 ms). Thorough: every sha256 (about 0.3 s).
        """
        try:
            recorded = self._manifest()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return [f"{MANIFEST}: {error}"]
        problems = []
        for name, (size, digest) in recorded.items():
            path = self.root / name
            try:
                if path.stat().st_size != size:
                    problems.append(f"{name}: size is not {size}")
                elif thorough and file_sha256(path) != digest:
                    problems.append(f"{name}: content changed")
            except OSError as error:
                problems.append(f"{name}: {error.strerror}")
        return problems


def file_sha256(path: Path) -> str:
    """sha256 of a file as hex. Errors: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def toolchain_dir() -> Path:
    """Where this version's tool chain is, or will be."""
    return cache_dir() / "toolchain" / lock_hash()


def installed() -> Toolchain | None:
    """The tool chain if it is installed (complete or damaged), without installing it."""
    root = toolchain_dir()
    return Toolchain(root) if (root / MANIFEST).is_file() else None


def ensure_toolchain(report: Report = silent) -> Toolchain:
    """The installed tool chain; installs it first if it is not there. Safe under concurrent calls.

    A damaged installation is an error and never mended in silence: who changed the compiler is a question
    for a person. Errors: EnvironmentFailure with the remedy.
    """
    found = installed() or install(report=report)
    damage = found.damage(thorough=False)
    if damage:
        raise EnvironmentFailure(
            f"the tool chain in {found.root} is damaged ({damage[0]}; {len(damage)} in all)", remedy=MEND
        )
    return found


def install(*, report: Report = silent, force: bool = False) -> Toolchain:
    """Install the tool chain with `npm ci` beside its final place, then rename; `force` replaces the old one.

    One process installs, the others wait and take its result; an installer that died holds no lock, and the
    next one removes what it left. Errors: EnvironmentFailure (no Node.js, offline, disk, permissions).
    """
    target = toolchain_dir()
    with explained_os_errors("install the tool chain in", target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _installation_lock(target.parent, report):
            found = installed()
            if found is not None and not force:
                return found
            for leftover in target.parent.glob(f"{_STAGING_PREFIX}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            _require_room(target.parent)
            _install_into(target, report)
    return Toolchain(target)


@contextlib.contextmanager
def _installation_lock(directory: Path, report: Report) -> Iterator[None]:
    lock = FileLock(directory / "install.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report("another process is installing the tool chain; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _require_room(directory: Path) -> None:
    free = shutil.disk_usage(directory).free
    if free < NEEDED_BYTES:
        raise EnvironmentFailure(
            f"{directory} has {free // 10**6} MB free, the tool chain needs {NEEDED_BYTES // 10**6} MB",
            remedy=f"free some disk space, or set {CACHE_VARIABLE} to a directory on a larger disk",
        )


def _install_into(target: Path, report: Report) -> None:
    runtime = find_node(with_npm=True)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(pinned_versions().items()))
    report(f"installing {versions} (about 60 MB, once) into {target}")
    staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=target.parent))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NPM_PROJECT / name, staging / name)
        run_npm_ci(runtime, staging)
        _write_manifest(staging)
        staging.chmod(0o755)  # mkdtemp's 0700 would lock other users out of a shared cache
        _put_in_place(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    report("tool chain installed")


def _put_in_place(staging: Path, target: Path) -> None:
    """Rename, after moving aside what is there: a directory cannot be replaced in one step."""
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=target.parent))
        target.replace(aside / "old")
        staging.replace(target)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        staging.replace(target)
    sync_directory(target.parent)


def _write_manifest(root: Path) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    manifest = {
        "lock": lock_hash(),
        "files": {
            path.relative_to(root).as_posix(): [path.stat().st_size, file_sha256(path)] for path in files
        },
    }
    write_atomically(root / MANIFEST, json.dumps(manifest, indent=1).encode())
