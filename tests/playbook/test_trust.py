"""Consent: for these bytes at this path, kept outside, and never by a file's own word."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.playbook.world import END, NOW, codes, document
from triage.model.errors import Invalid
from triage.model.trust import CommandChange
from triage.playbook.shelf.consented import change_of, commands_of
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
    ["", "{", "[]", '{"format": 3, "grants": []}', '{"format": 1}', '{"format": 1, "grants": [{"sha256": "a"}]}',
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


CHECKS = """\
  - {id: clock, kind: check, title: Read the clock, run: [date, "+%Y %m"], effect: read_only, manual: Look.}
  - {id: disk, kind: check, title: Free space, run: df -h, effect: read_only, env: {WHERE: "{{ vars.host }}"}, manual: Look.}
"""
HOST = "vars: {host: {prompt: Host, default: a.example}}\n"


def words(steps: str = CHECKS, head: str = HOST) -> tuple[str, ...]:
    return commands_of(document(steps + END, head))


def test_what_is_consented_to_is_everything_that_decides_what_runs() -> None:
    clock, disk = words()
    assert clock.startswith("clock (check)\ndate '+%Y %m'\n")
    assert {"df -h", "env WHERE={{ vars.host }}", "effect read_only", "timeout 30s"} <= set(disk.splitlines())
    assert "vars.host asked, else a.example" in disk


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"+%Y %m"', '"+%Y", "%m"'), ("df -h", "df  -h"), ("df -h, effect: read_only", "df -h, effect: changes"),
        ("WHERE", "THERE"), ("df -h,", "df -h, timeout: 40s,"), ("df -h,", "df -h, confirm: none,"),
        ("df -h,", "df -h, needs: [df],"),
    ],
)  # fmt: skip
def test_every_change_of_a_command_shows(was: str, now: str) -> None:
    changed = change_of(3, words(), words(CHECKS.replace(was, now)))
    assert (changed.changed, changed.said) == (1, "1 command changed since you trusted version 3")


def test_a_variable_a_command_is_given_is_part_of_the_command() -> None:
    assert change_of(1, words(), words(head=HOST.replace("a.example", "b.example"))).changed == 1
    assert change_of(1, words(), words(head=HOST.replace("Host,", "Which host,"))).changed == 0


@pytest.mark.parametrize("form", ["pattern: '[a-z.]+'", "options: [{value: a.example}, {value: b.example}]"])
def test_a_variable_kept_to_another_form_is_another_command(form: str) -> None:
    bound = HOST.replace("prompt: Host", f"prompt: Host, {form}")
    assert change_of(1, words(head=bound), words()).changed == 1


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('run: "df -h\\nenv MODE=fast", effect: read_only, env: {WHERE', "run: df -h, effect: read_only, env: {MODE: fast, WHERE"),
        ('WHERE: "a\\nenv ZONE=b"', "WHERE: a, ZONE: b"),
    ],
)  # fmt: skip
def test_a_line_of_a_script_cannot_pass_for_its_environment(was: str, now: str) -> None:
    plain = CHECKS.replace('"{{ vars.host }}"', "a")
    left = "run: df -h, effect: read_only, env: {WHERE" if "run:" in was else "WHERE: a"
    assert change_of(1, words(plain.replace(left, was)), words(plain.replace(left, now))).changed == 1


def test_words_for_people_are_not() -> None:
    mended = CHECKS.replace("Free space", "Space that is left").replace("manual: Look.", "manual: See.")
    assert change_of(1, words(), words(mended)) == CommandChange(1, 0, ())


def test_the_difference_names_the_step_and_shows_only_what_differs() -> None:
    told = change_of(3, words(), words(CHECKS.replace("df -h", "rm -rf /")))
    assert told.lines[:3] == ("  disk (check)", "- df -h", "+ rm -rf /")
    assert not any("clock" in line for line in told.lines)
    gone = change_of(0, words(), words(CHECKS.splitlines(keepends=True)[0], ""))
    assert gone.said == "1 command changed since you trusted it"
    assert all(line.startswith("- ") for line in gone.lines)


def test_the_store_tells_of_the_version_that_was_trusted(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "state" / "trust.json")
    assert store.change("/p/x.yaml", words()) is None
    store.grant(HASH, "/p/x.yaml", "read", by="mara", at=NOW, commands=words(), version=3, playbook="x")
    told = store.change("/p/x.yaml", words(CHECKS.replace("df -h", "df")))
    assert told is not None
    assert (told.version, told.changed) == (3, 1)


def test_the_text_consented_to_is_kept_under_its_hash_and_not_believed_when_touched(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "trust.json")
    sha256 = hashlib.sha256(b"text").hexdigest()
    store.grant(sha256, "/p/x.yaml", "read", by="m", at=NOW, text="text")
    kept = tmp_path / "trusted-texts" / sha256
    assert (store.text(sha256), stat.S_IMODE(kept.stat().st_mode)) == ("text", 0o600)
    kept.write_text("other")
    assert store.text(sha256) is None
    assert store.text("../trust.json") is None
    store.revoke("/p/x.yaml")
    assert not kept.exists()


def test_a_store_of_the_first_format_is_still_read(tmp_path: Path) -> None:
    row = {"sha256": HASH, "path": "/p/x.yaml", "level": "run", "by": "m", "at": "", "commands": ["ls"]}
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"format": 1, "grants": [row]}))
    path.chmod(0o600)
    assert TrustStore(path).level(HASH, "/p/x.yaml") == "run"


def test_two_consents_at_once_are_both_kept(tmp_path: Path) -> None:
    def give(number: int) -> None:
        TrustStore(tmp_path / "trust.json").grant(HASH, f"/p/{number}.yaml", "read", by="m", at=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give, range(24)))
    assert len(TrustStore(tmp_path / "trust.json").grants()) == 24


@pytest.mark.parametrize(
    "name",
    ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "BASH_ENV", "ENV", "IFS",
     "SHELLOPTS", "PROMPT_COMMAND", "GIT_SSH_COMMAND", "SSL_CERT_FILE", "HOME", "HTTPS_PROXY"],
)  # fmt: skip
def test_names_that_change_what_a_program_is_cannot_be_set(name: str) -> None:
    assert "PB410" in codes(CHECKS.replace("WHERE", name) + END, HOST)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Invalid, match="cannot be written"):
        TrustStore(tmp_path / "x" / "trust.json").grant(HASH, "/p", "read", by="m", at=NOW)
