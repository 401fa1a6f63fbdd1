"""Consent: for these bytes at this path, kept outside, and never by a file's own word."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.playbook.world import NOW
from triage.model.errors import Invalid
from triage.playbook.shelf.trust import TrustStore

HASH = "a" * 64


def granted(tmp_path: Path, level: str = "read") -> TrustStore:
    store = TrustStore(tmp_path / "state" / "trust.json")
    store.grant(HASH, "/p/x.yaml", level, by="mara", at=NOW, commands=["ls", "id"])  # type: ignore[arg-type]
    return store


def test_trust_is_for_one_content_at_one_place(tmp_path: Path) -> None:
    store = granted(tmp_path)
    assert store.level(HASH, "/p/x.yaml") == "read"
    assert store.level("b" * 64, "/p/x.yaml") == "none"
    assert store.level(HASH, "/other/x.yaml") == "none"
    assert TrustStore(store.path).level(HASH, "/p/x.yaml") == "read"


def test_an_edit_must_be_consented_to_anew_and_going_back_too(tmp_path: Path) -> None:
    store = granted(tmp_path)
    store.grant("b" * 64, "/p/x.yaml", "run", by="mara", at=NOW)
    assert store.level("b" * 64, "/p/x.yaml") == "run"
    assert store.level(HASH, "/p/x.yaml") == "none"


def test_shipped_files_are_trusted_to_read_and_consent_goes_further(tmp_path: Path) -> None:
    store = granted(tmp_path, "run")
    assert store.level("c" * 64, "/p/y.yaml", shipped=True) == "shipped"
    assert store.level(HASH, "/p/x.yaml", shipped=True) == "run"


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    store = granted(tmp_path)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert [one.name for one in store.path.parent.iterdir()] == ["trust.json"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_store_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    store = granted(tmp_path, "run")
    store.path.chmod(mode)
    assert store.level(HASH, "/p/x.yaml") == "none"
    with pytest.raises(Invalid, match="others may write it"):
        store.revoke("/p/x.yaml")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2, "grants": []}', '{"format": 1}', '{"format": 1, "grants": [{"sha256": "a"}]}',
     json.dumps({"format": 1, "grants": [{"sha256": HASH, "path": "/p/x.yaml", "level": "root", "by": "x", "at": "", "commands": []}]})],
)  # fmt: skip
def test_a_damaged_store_trusts_nothing_and_is_not_written_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "trust.json"
    path.write_text(text)
    path.chmod(0o600)
    store = TrustStore(path)
    assert store.level(HASH, "/p/x.yaml") == "none"
    with pytest.raises(Invalid, match="move it away"):
        store.grant(HASH, "/p/x.yaml", "read", by="mara", at=NOW)
    assert path.read_text() == text


def test_consent_can_be_taken_back(tmp_path: Path) -> None:
    store = granted(tmp_path)
    assert store.revoke("/p/x.yaml")
    assert not store.revoke("/p/x.yaml")
    assert store.level(HASH, "/p/x.yaml") == "none"


def test_only_the_commands_that_changed_are_shown(tmp_path: Path) -> None:
    store = granted(tmp_path)
    assert store.changed_commands("/p/x.yaml", ["ls", "rm -rf /"]) == ("- id", "+ rm -rf /")
    assert store.changed_commands("/p/x.yaml", ["ls", "id"]) == ()
    assert store.changed_commands("/p/new.yaml", ["ls"]) == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Invalid, match="cannot be written"):
        TrustStore(tmp_path / "x" / "trust.json").grant(HASH, "/p", "read", by="m", at=NOW)
