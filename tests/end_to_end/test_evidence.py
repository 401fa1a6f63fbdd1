"""Evidence reaches a ticket once, for agents only, without what looks like a secret."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.test_whole_job import api
from triage.demo.child import DemoProcess

pytestmark = pytest.mark.end_to_end

LOG = "groups deleted 2\nDB_PASSWORD=opensesame-2026\n431 grants removed\n"


def comments_with(demo: DemoProcess, words: str, ticket_id: str) -> list[dict[str, object]]:
    comments = api(demo, f"/api/v2/tickets/{ticket_id}/comments.json")["comments"]
    return [comment for comment in comments if words in comment["body"]]


def test_a_kept_log_goes_to_the_ticket_as_an_internal_note_with_its_secret_masked(
    shell: Shell, demo: DemoProcess, tmp_path: Path
) -> None:
    shell.must("sync")
    log = tmp_path / "sync.log"
    log.write_text(LOG)
    kept = shell.must("evidence", "add", "HL-40817", "--file", str(log), "--json").document
    assert shell.must("evidence", "show", kept["id"]).out == LOG
    listed = shell.must("evidence", "list", "HL-40817", "--json").document
    assert [one["id"] for one in listed] == [kept["id"]]
    shown = shell.must("evidence", "send", kept["id"], code=3)
    assert "masked, it looks like a secret: password open…" in shown.err
    ticket_id = shell.must("show", "HL-40817", "--json").document["ticket"]["id"]
    assert comments_with(demo, "Evidence (file", ticket_id) == []
    shell.must("evidence", "send", kept["id"], "--yes")
    (note,) = comments_with(demo, "Evidence (file", ticket_id)
    assert note["public"] is False
    assert "DB_PASSWORD=[masked:password]" in str(note["body"])
    assert comments_with(demo, "opensesame", ticket_id) == []


def test_a_long_log_goes_as_a_file_of_an_internal_note_masked_and_once(
    shell: Shell, demo: DemoProcess, tmp_path: Path
) -> None:
    shell.must("sync")
    log = tmp_path / "heron sync.log"
    log.write_text(LOG + "grant removed\n" * 1_000)
    kept = shell.must("evidence", "add", "HL-40817", "--file", str(log), "--json").document
    shown = shell.must("evidence", "send", kept["id"], code=3).err
    masked = log.read_text().replace("opensesame-2026", "[masked:password]")
    assert "FILE heron-sync.log [internal]:" in shown
    assert f"{len(masked):,} bytes, 1,003 lines" in shown
    assert "[… 999 lines …]" in shown
    assert "in heron-sync.log, line 2: password open…" in shown
    shell.must("evidence", "send", kept["id"], "--yes")
    shell.must("sync")
    ticket_id = shell.must("show", "HL-40817", "--json").document["ticket"]["id"]
    (note,) = comments_with(demo, "Evidence (file", ticket_id)
    [file] = cast("list[dict[str, Any]]", note["attachments"])
    assert (note["public"], file["file_name"], file["size"]) == (False, "heron-sync.log", len(masked))
    assert urlopen(file["content_url"]).read().decode() == masked
    assert sha256(masked.encode()).hexdigest() in str(note["body"])
    files = shell.must("attachments", "list", "HL-40817").out
    assert ["internal" in row for row in files.splitlines() if "heron-sync.log" in row] == [True]
    assert shell.must("outbox", "list", "--all", "--json").out.count("grant removed") < 50


def test_unmasking_takes_the_key_of_the_ticket_and_a_confirmation(shell: Shell, demo: DemoProcess) -> None:
    shell.must("sync")
    kept = shell.must("evidence", "add", "HL-40817", "--text", LOG, "--json").document
    shell.must("evidence", "send", kept["id"], code=3)
    [waiting] = shell.must("outbox", "list", "--json").document
    refused = shell.must("outbox", "unmask", waiting["id"], "--key", "HL-1", code=5)
    assert "Type HL-40817 exactly" in refused.err
    shell.must("outbox", "unmask", waiting["id"], "--key", "HL-40817")
    ticket_id = shell.must("show", "HL-40817", "--json").document["ticket"]["id"]
    assert comments_with(demo, "opensesame", ticket_id) == []
    shell.must("outbox", "confirm", waiting["id"])
    (note,) = comments_with(demo, "opensesame-2026", ticket_id)
    assert note["public"] is False


def test_a_missing_file_is_one_line_and_keeps_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.must("sync")
    missing = shell.must("evidence", "add", "HL-40817", "--file", str(tmp_path / "no.log"), code=2)
    assert "there is no such file" in missing.err
    assert shell.must("evidence", "list", "HL-40817", "--json").document == []
