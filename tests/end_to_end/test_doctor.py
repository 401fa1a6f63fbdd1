"""``triage doctor --json``, the program itself, against a server of every kind."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.helpdesk.loopback import Request, serving
from tests.helpdesk.stands import OURS, PATHS, SETTINGS, TICKETS, TOKENS, as_asked, as_sent, helpdesk_name


def profile_of(name: str, url: str) -> str:
    """A profile for a stand, as a person would write it."""
    lines = ["[profile.acme]", f'helpdesk = "{helpdesk_name(name)}"', f'url = "{url}{PATHS.get(name, "")}"']
    for key, value in SETTINGS.get(name, {}).items():
        inner = ", ".join(f"{k} = {str(v).lower()}" for k, v in value.items()) if key == "config" else ""
        lines.append(f"{key} = {{{inner}}}" if inner else f'{key} = "{value}"')
    text = "\n".join(lines)
    tomllib.loads(text)
    return text


@pytest.mark.parametrize("name", OURS)
async def test_the_doctor_tells_of_every_helpdesk_what_it_is_and_what_it_can_do(
    name: str, tmp_path: Path
) -> None:
    stand = OURS[name]()

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(as_sent(await stand.answered(as_asked(request))))

    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir(mode=0o700)
    shell = Shell(tmp_path, {"TRIAGE_TOKEN": TOKENS.get(name, "t"), "NO_PROXY": "*"})
    async with serving(answer) as server:
        config.write_text(profile_of(name, server.url))
        ended = await asyncio.to_thread(shell.run, "doctor", "--json")
    lines = ended.document
    told = {line["name"]: line["text"] for line in lines}
    assert (ended.code, [line for line in lines if line["state"] == "failed"]) == (0, [])
    assert told["helpdesk"].startswith(f"{helpdesk_name(name)} knows us as ")
    assert told["queue"].endswith(f"{23 if name == 'zendesk' else TICKETS} tickets")
    assert "internal notes" in told["capabilities"]
    assert "an unclear write is looked for after" in told["capabilities"]
    assert [line["text"] for line in lines if line["name"] == "ceiling"] == list(stand.desk.ceilings)
    assert {"program", "profile", "database", "outbox", "connection", "clock"} <= set(told)
    assert TOKENS.get(name, "----") not in ended.out + ended.err
