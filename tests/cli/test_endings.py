"""How the shell ends when its streams or its words are not as they should be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.shell import ROOT, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.mark.parametrize(
    "words",
    [
        ["queue", "--nonsense"],
        ["nosuch"],
        ["show"],
        ["queue", "--limit", "x"],
        ["--profile"],
        ["investigate", "T", "--quick", "--full"],
        ["playbook", "run", "x", "--ticket", "1", "--no-input", "--allow", "everything"],
    ],
)
def test_wrong_words_are_one_line_and_usage(shell: Shell, words: list[str]) -> None:
    ended = shell.run(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert len(ended.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://[::1",
        "ftp://acme.example",
        "acme.example",
        "http://acme.example",
        "https://me:secret@acme.example",
        "https://acme.example?x=1",
        "https://acme.example#f",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_written(shell: Shell, url: str) -> None:
    ended = shell.run(
        "init", "--no-input", "--profile", "p", "--helpdesk", "zendesk", "--url", url, TRIAGE_TOKEN="t"
    )
    assert ended.code == 2, ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert "secret" not in ended.err
    assert not (shell.home / "config" / "config.toml").exists()


def test_a_failed_set_up_leaves_the_settings_as_they_were(shell: Shell) -> None:
    config = shell.home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    before = '[profile.p]\nhelpdesk = "zendesk"\nurl = "https://old.example"  # ours\n'
    config.write_text(before)
    ended = shell.run(
        "init", "--no-input", "--profile", "p", "--helpdesk", "zendesk", "--url", "http://127.0.0.1:9",
        TRIAGE_TOKEN="t",
    )  # fmt: skip
    assert ended.code == 6, ended.err
    assert config.read_text() == before


@pytest.mark.parametrize("redirected", ["/dev/full", "closed"])
def test_output_that_goes_nowhere_is_one_line(shell: Shell, redirected: str) -> None:
    where = ">&-" if redirected == "closed" else f">{redirected}"
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m triage profile list --json {where}'],
        cwd=ROOT,
        env={**os.environ, "TRIAGE_HOME": str(shell.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_shipped_playbooks_can_be_looked_at_before_any_set_up(shell: Shell) -> None:
    listed = {one["id"] for one in shell.must("playbook", "list", "--json").document}
    assert {"sso-login-failure", "upgrade-failed", "data-loss-report", "what-should-happen-here"} <= listed
    assert "single sign-on" in shell.must("playbook", "show", "sso-login-failure").out
