"""`l2forge new`: a project that is whole, is the user's own, and builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit
import yaml

from l2forge import __version__
from l2forge.compile.project import (
    KEPT,
    ProjectRequest,
    create_project,
    fresh_chain_id,
    requirement_for,
)
from l2forge.compile.project_template import name_from_directory, parse_value, put
from l2forge.errors import InputError
from l2forge.resources import resource_dir
from l2forge.spec.load import SpecError, load_spec
from l2forge.spec.presets import preset_names
from tests.cli.helpers import l2forge, on_terminal


@pytest.mark.parametrize("preset", preset_names())
def test_a_project_from_every_preset_is_free_of_errors(preset: str, tmp_path: Path) -> None:
    directory = tmp_path / "my venue 2"
    assert create_project(ProjectRequest(directory, preset)) == "my-venue-2"
    spec = load_spec(directory / "venue.toml").require()
    assert spec.venue.name == "my-venue-2"
    assert str(spec.venue.chain_id) in (directory / "README.md").read_text()
    assert "{{" not in "".join(path.read_text() for path in directory.rglob("*") if path.is_file())


def test_comments_of_the_preset_are_kept(tmp_path: Path) -> None:
    create_project(ProjectRequest(tmp_path / "v", "minimal"))
    original = (resource_dir("presets") / "minimal.toml").read_text().splitlines()
    made = (tmp_path / "v" / "venue.toml").read_text().splitlines()
    different = [line for line, other in zip(original, made, strict=True) if line != other]
    assert [line.split(" ")[0] for line in different] == ["name", "chain_id"]


def test_every_venue_has_its_own_chain_id(tmp_path: Path) -> None:
    drawn = {fresh_chain_id() for _ in range(100)}
    assert len(drawn) == 100 and all(10**6 <= chain_id < 2**32 for chain_id in drawn)


def test_settings_are_put_into_the_spec(tmp_path: Path) -> None:
    settings = {
        "venue.name": "other",
        "venue.chain_id": "777777",
        "fees.taker": "6bps",
        "markets.0.max_order": "200000",
        "proof.security_bits": "110",
        "matching.self_trade_prevention": "expire_both",
    }
    create_project(ProjectRequest(tmp_path / "v", "minimal", settings))
    spec = load_spec(tmp_path / "v" / "venue.toml").require()
    assert (spec.venue.name, spec.venue.chain_id) == ("other", 777777)
    assert spec.fees.taker.text() == "6bps"
    assert spec.markets[0].max_order.text() == "200000"
    assert spec.proof.security_bits == 110


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"fees.takr": "1bps"}, SpecError),
        ({"fees.taker": "200%"}, SpecError),
        ({"markets.7.symbol": "X"}, InputError),
        ({"schema.x": "1"}, InputError),
        ({"venue.chain_id": "many"}, InputError),
        ({"venue.name": "Not A Name"}, InputError),
        ({"": "1"}, InputError),
    ],
)
def test_a_setting_that_does_not_fit_leaves_nothing_behind(
    settings: dict[str, str], error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        create_project(ProjectRequest(tmp_path / "v", "minimal", settings))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_preset_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    done = l2forge("new", tmp_path / "v", "--preset", "mimimal")
    assert done.returncode == 2 and "minimal" in done.stderr
    assert not (tmp_path / "v").exists()


def test_a_directory_with_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear")
    done = l2forge("new", tmp_path)
    assert done.returncode == 2 and "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_current_directory_may_become_the_project(tmp_path: Path) -> None:
    done = l2forge("new", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "venue.toml").is_file()


def test_the_first_render_is_kept_for_a_three_way_merge(tmp_path: Path) -> None:
    create_project(ProjectRequest(tmp_path / "v", "minimal", {"fees.taker": "6bps"}))
    kept = tmp_path / "v" / KEPT
    answers = json.loads((kept / "answers.json").read_text())
    assert answers["l2forge_version"] == __version__ and answers["settings"] == {"fees.taker": "6bps"}
    for path in (kept / "pristine").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "v" / path.relative_to(kept / "pristine")).read_bytes()
    merged = subprocess.run(
        ["git", "merge-file", "-p", "venue.toml", f"{KEPT}/pristine/venue.toml", "venue.toml"],
        cwd=tmp_path / "v",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert merged == (tmp_path / "v" / "venue.toml").read_text()


def test_the_requirement_pins_this_version_from_any_source(tmp_path: Path) -> None:
    wheel = tmp_path / "l2forge-9-py3-none-any.whl"
    wheel.touch()
    assert requirement_for("") == (f"l2forge[node]=={__version__}", None)
    assert requirement_for(str(wheel)) == (f"./vendor/{wheel.name}[node]", wheel)
    assert requirement_for("git+https://example.org/l2forge@v1")[0] == (
        "l2forge[node] @ git+https://example.org/l2forge@v1"
    )
    assert requirement_for("https://example.org/simple")[0] == (
        f"--index-url https://example.org/simple\nl2forge[node]=={__version__}"
    )
    with pytest.raises(InputError):
        requirement_for("somewhere")


def test_a_pipe_is_never_asked(tmp_path: Path) -> None:
    done = l2forge("new", tmp_path / "v")
    assert done.returncode == 0 and "?" not in done.stdout + done.stderr


def test_a_terminal_is_asked_and_its_answers_count(tmp_path: Path) -> None:
    # Enter keeps the default preset; "s2" is added to the default name
    status, shown = on_terminal("new", "v", keys=b"\r" + b"s2\r", cwd=tmp_path, env={"NO_COLOR": "1"})
    assert status == 0, shown
    assert "Which design" in shown and "called" in shown
    assert load_spec(tmp_path / "v" / "venue.toml").require().venue.name == "vs2"


def test_defaults_on_a_terminal_asks_nothing(tmp_path: Path) -> None:
    status, shown = on_terminal("new", "v", "--defaults", cwd=tmp_path)
    assert status == 0 and "Which design" not in shown


@pytest.mark.parametrize(
    ("directory", "name"),
    [("Alpha", "alpha"), ("2nd venue!", "nd-venue"), ("123", "venue"), ("ü", "venue"), ("a" * 40, "a" * 32)],
)
def test_a_name_is_made_from_the_directory(directory: str, name: str) -> None:
    assert name_from_directory(Path(directory)) == name


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5bps", "5bps"),
        ("7", 7),
        ("true", True),
        ('"7"', "7"),
        ("0.5", "0.5"),
        ('["cross"]', ["cross"]),
        ("", ""),
    ],
)
def test_a_setting_means_what_it_looks_like(text: str, value: object) -> None:
    assert parse_value(text) == value


def test_missing_tables_are_made() -> None:
    document = tomlkit.parse("[venue]\nname = 'a'\n")
    put(document, "margin.modes", '["cross"]')
    assert tomlkit.dumps(document) == "[venue]\nname = 'a'\n\n[margin]\nmodes = [\"cross\"]"


@pytest.mark.slow
def test_the_projects_own_tests_pass(tmp_path: Path) -> None:
    create_project(ProjectRequest(tmp_path / "v", "minimal"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "v",
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_ci_calls_targets_that_the_makefile_has(tmp_path: Path) -> None:
    create_project(ProjectRequest(tmp_path / "v", "minimal"))
    workflow = yaml.safe_load((tmp_path / "v" / ".github" / "workflows" / "venue.yml").read_text())
    commands = [step.get("run", "") for step in workflow["jobs"]["venue"]["steps"]]
    targets = [word for line in commands if line.startswith("make ") for word in line.split()[1:]]
    assert {"check", "test", "build", "risks"} <= set(targets)
    listing = subprocess.run(
        ["make", "--dry-run", *targets], cwd=tmp_path / "v", capture_output=True, text=True, check=True
    ).stdout
    assert "l2forge check venue.toml" in listing and "requirements.txt" in listing


def test_the_risk_page_is_that_of_the_spec(tmp_path: Path) -> None:
    create_project(ProjectRequest(tmp_path / "v", "minimal"))
    page = (tmp_path / "v" / "RISKS.md").read_text()
    assert load_spec(tmp_path / "v" / "venue.toml").hash() in page
    assert page == l2forge("explain", "--format", "markdown", cwd=tmp_path / "v").stdout
