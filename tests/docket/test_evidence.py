from __future__ import annotations

import stat
from pathlib import Path

import pytest

from triage.config.secret import Redactor, Secret
from triage.docket.docket import Docket
from triage.docket.evidence import LARGEST, EvidenceFiles, read_file
from triage.model.errors import Invalid, NotFound, Refused
from triage.store import evidence_rows
from triage.store.database import Database

TOKEN = "tok-12345678"


@pytest.fixture
def files(tmp_path: Path) -> EvidenceFiles:
    return EvidenceFiles(tmp_path / "evidence", Redactor([Secret(TOKEN)]))


async def test_a_piece_is_kept_listed_and_read_back(
    files: EvidenceFiles, docket: Docket, database: Database
) -> None:
    item = await files.keep(docket, "1", "output", "first line\nsecond ü", source="run r, step s")
    assert await database.read(lambda session: evidence_rows.list_evidence(session, "1")) == (item,)
    assert await files.text(database, item.id) == "first line\nsecond ü"
    assert (item.kind, item.summary, item.source) == ("output", "first line second ü", "run r, step s")
    (entry,) = await docket.entries(kinds=["evidence.added"])
    assert entry.data["sha256"] == item.sha256


async def test_known_secrets_never_reach_the_disk(
    files: EvidenceFiles, docket: Docket, database: Database, tmp_path: Path
) -> None:
    item = await files.keep(docket, "1", "text", f"curl -H {TOKEN} and {TOKEN}")
    assert item.redactions == 2
    assert await files.text(database, item.id) == "curl -H *** and ***"
    assert TOKEN not in item.summary
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()


async def test_bytes_come_back_as_they_were(files: EvidenceFiles, docket: Docket) -> None:
    raw = bytes(range(256))
    item = await files.keep(docket, "1", "file", raw, summary="a\x1b[31m picture\nof it")
    assert files.get(item.sha256) == raw
    assert "\x1b" not in item.summary
    assert "\n" not in item.summary


async def test_the_same_content_is_one_file_for_its_owner_alone(files: EvidenceFiles, tmp_path: Path) -> None:
    assert files.put(b"x") == files.put(b"x")
    (path,) = [one for one in tmp_path.rglob("*") if one.is_file() and "evidence" in one.parts]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_changed_file_is_noticed(files: EvidenceFiles) -> None:
    digest = files.put(b"as it was")
    files.path(digest).write_bytes(b"as it is")
    with pytest.raises(Invalid, match="changed after"):
        files.get(digest)


def test_what_is_too_large_is_refused(files: EvidenceFiles, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="more than evidence may have"):
        files.put(b"x" * (LARGEST + 1))
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("digest", ["", "ab", "../../etc/passwd", "Z" * 64, "a" * 63 + "/"])
def test_a_name_that_is_no_digest_opens_nothing(files: EvidenceFiles, digest: str) -> None:
    with pytest.raises(NotFound, match="this is no evidence"):
        files.get(digest)


async def test_missing_evidence_is_told(files: EvidenceFiles, database: Database) -> None:
    with pytest.raises(NotFound):
        await files.text(database, "nope")
    with pytest.raises(NotFound, match="not on this machine"):
        files.get("a" * 64)


def test_a_file_as_evidence_is_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "sync.log"
    path.write_bytes(b"431 grants removed\n")
    assert read_file(path) == b"431 grants removed\n"


def test_what_is_no_file_or_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such file"):
        read_file(tmp_path / "missing")
    with pytest.raises(Invalid, match="no such file"):
        read_file(tmp_path)
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(Refused, match="more than evidence may have"):
        read_file(large)
