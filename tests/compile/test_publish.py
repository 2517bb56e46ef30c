"""A directory appears whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from l2forge.compile.publish import fill_directory, publish_directory


def write(text: str) -> Callable[[Path], None]:
    """A writer of two files with this text."""

    def into(directory: Path) -> None:
        (directory / "a").write_text(text)
        (directory / "sub").mkdir()
        (directory / "sub" / "b").write_text(text)

    return into


def fail(failure: BaseException) -> Callable[[Path], None]:
    """A writer that fails in the middle."""

    def into(directory: Path) -> None:
        (directory / "a").write_text("half")
        raise failure

    return into


def contents(directory: Path) -> dict[str, str]:
    """Every file below a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


FAILURES = [
    OSError(errno.ENOSPC, "No space left on device"),
    KeyboardInterrupt(),
    PermissionError(errno.EROFS, "Read-only file system"),
    ValueError("a bug"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_failure_leaves_nothing_behind(tmp_path: Path, failure: BaseException) -> None:
    with pytest.raises(type(failure)):
        publish_directory(tmp_path / "build", fail(failure))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_failure_keeps_the_old_directory(tmp_path: Path, failure: BaseException) -> None:
    publish_directory(tmp_path / "build", write("old"))
    with pytest.raises(type(failure)):
        publish_directory(tmp_path / "build", fail(failure))
    assert contents(tmp_path) == {"build/a": "old", "build/sub/b": "old"}


def test_a_new_directory_replaces_the_old_one_whole(tmp_path: Path) -> None:
    publish_directory(tmp_path / "build", write("old"))
    (tmp_path / "build" / "extra").write_text("x")
    publish_directory(tmp_path / "build", write("new"))
    assert contents(tmp_path) == {"build/a": "new", "build/sub/b": "new"}


def test_an_interrupted_swap_puts_the_old_directory_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_directory(tmp_path / "build", write("old"))
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == ".build.part":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish_directory(tmp_path / "build", write("new"))
    assert contents(tmp_path) == {"build/a": "old", "build/sub/b": "old"}


def test_what_a_killed_process_left_is_mended_and_cleared(tmp_path: Path) -> None:
    (tmp_path / ".build.previous").mkdir()
    (tmp_path / ".build.previous" / "a").write_text("old")
    (tmp_path / ".build.part").mkdir()
    with pytest.raises(ValueError, match="a bug"):
        publish_directory(tmp_path / "build", fail(ValueError("a bug")))
    assert contents(tmp_path) == {"build/a": "old"}


def _publish_often(target: Path, text: str) -> None:
    for _ in range(20):
        publish_directory(target, write(text))


def test_concurrent_processes_never_mix_their_files(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=_publish_often, args=(tmp_path / "build", text))
        for text in ("one", "two", "three")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(set(contents(tmp_path / "build").values())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


def test_an_empty_directory_is_filled_and_stays_the_same_directory(tmp_path: Path) -> None:
    target = tmp_path / "here"
    target.mkdir()
    inode = target.stat().st_ino
    fill_directory(target, write("new"))
    assert contents(target) == {"a": "new", "sub/b": "new"}
    assert target.stat().st_ino == inode


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_an_empty_directory_stays_empty_after_a_failure(tmp_path: Path, failure: BaseException) -> None:
    target = tmp_path / "here"
    target.mkdir()
    with pytest.raises(type(failure)):
        fill_directory(target, fail(failure))
    assert list(target.iterdir()) == []
