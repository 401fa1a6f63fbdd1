"""One CACAO action as steps of ours."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.playbook.interop.cacao_file import list_of, mapping_of, text_of
from triage.playbook.interop.cacao_terms import VARIABLE, duration_of
from triage.playbook.interop.draft import Draft, references
from triage.playbook.interop.placeholders import fill
from triage.playbook.interop.variables import Variables

_PASTED = re.compile(r"__([A-Za-z_][\w-]{0,199}?)__:value")
_REQUEST = re.compile(r"\s*(?P<verb>[A-Za-z]+)\s+(?P<path>\S+)(?:\s+HTTP/?[\d.]+)?\s*\Z")
_OF_CHECKS = "30s"


class Actions:
    """Turns actions into steps; what they need besides is in the document."""

    def __init__(self, draft: Draft, document: Mapping[str, Any], variables: Variables) -> None:
        self._draft = draft
        self._document = document
        self._variables = variables

    def steps(self, key: str, step: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The steps of the action ``key``, not yet led anywhere and without ids; at least one."""
        place = f"/workflow/{key}"
        found = list(self._delay(step, place))
        commands = list_of(step, "commands")
        if not commands:
            self._draft.lose("weakened", f"action {text_of(step, 'name') or key}", "it has no command", place)
        for number, command in enumerate(commands):
            found += self._command(key, step, command, f"{place}/commands/{number}", number)
        if not commands:
            found.append(self._told(key, step, "", place))
        refs = references({"title": text_of(one, "name"), "url": text_of(one, "url")}
                          for one in list_of(step, "external_references"))  # fmt: skip
        if refs:
            found[-1]["refs"] = refs
        found[-1]["x-cacao"] = {"id": key[:200]}
        return found

    def _delay(self, step: Mapping[str, Any], place: str) -> Iterator[dict[str, Any]]:
        delay = step.get("delay")
        if isinstance(delay, int) and 0 < delay < 10**9:
            yield {"kind": "wait", "title": f"Wait {duration_of(delay)}", "for": duration_of(delay)}
        elif delay:
            self._draft.lose("dropped", "delay", f"not a number of milliseconds: {delay!r}", f"{place}/delay")

    def _command(
        self, key: str, step: Mapping[str, Any], command: Any, place: str, number: int
    ) -> list[dict[str, Any]]:
        kind, text = text_of(command, "type"), self._text_of(command, place)
        if kind == "bash" and text:
            return [self._check(key, step, text, place, number)]
        if kind == "manual":
            return self._manual(key, step, text, place, number)
        if kind == "http-api":
            text = self._request(text, step)
            if request := self._http(key, step, command, text, place, number):
                return [request]
        self._draft.lose(
            "weakened", f"{kind or 'unknown'} command", "kept as text for a person; it cannot be run", place
        )
        shown = f"{kind or 'command'}:\n\n```\n{text}\n```" if text else kind
        return [self._told(key, step, shown, place, number)]

    def _http(
        self, key: str, step: Mapping[str, Any], command: Any, text: str, place: str, number: int
    ) -> dict[str, Any]:
        """A request that only reads and whose address is whole; empty for any other."""
        found = re.fullmatch(r"(GET|HEAD) (https?://[^\s{}]{1,1000})", text)
        if not found or mapping_of(command, "headers"):
            return {}
        made = {
            "kind": "http", "title": self._name(key, step, place, number), "text": self._about(step, place),
            "method": found[1], "url": _PASTED.sub(self._declared, found[2]), "timeout": self._timeout(step),
        }  # fmt: skip
        return {name: value for name, value in made.items() if value}

    def _declared(self, found: re.Match[str]) -> str:
        return f"{{{{ vars.{self._variables.declare(found[1], place='/playbook_variables')} }}}}"

    def _timeout(self, step: Mapping[str, Any]) -> str:
        """The time a command may take, as the other program has it; ours where it says nothing usable."""
        given = step.get("timeout")
        good = isinstance(given, int) and not isinstance(given, bool) and 0 < given < 10**9
        return duration_of(int(given)) if good and given else _OF_CHECKS

    def _text_of(self, command: Any, place: str) -> str:
        text = text_of(command, "command")
        if not text and (coded := text_of(command, "command_b64")):
            try:
                text = base64.b64decode(coded, validate=True).decode("utf-8")
            except (binascii.Error, ValueError):
                self._draft.lose("dropped", "command_b64", "not UTF-8 text in base64", f"{place}/command_b64")
        content = text_of(command, "content") or text_of(command, "content_b64")
        return f"{text}\n\n{content}" if content else text

    def _name(self, key: str, step: Mapping[str, Any], place: str, number: int) -> str:
        name = text_of(step, "name") or text_of(step, "description") or key.partition("--")[0]
        return self._draft.title(f"{name} ({number + 1})" if number else name, place)

    def _check(self, key: str, step: Mapping[str, Any], text: str, place: str, number: int) -> dict[str, Any]:
        command = self._draft.command(text, place)
        if not command:
            return self._told(key, step, text, place, number)
        filled = fill(command, lambda word: self._variables.declare(word, place=place))
        for gap in filled.stuck:
            self._draft.lose("weakened", gap, "inside single quotes, where no value can be put", place)
        made: dict[str, Any] = {
            "kind": "check", "title": self._name(key, step, place, number), "text": self._about(step, place),
            "run": filled.text, "effect": "changes", "undo": "none",
            "timeout": self._timeout(step),
        }  # fmt: skip
        if filled.env:
            made["env"] = {name: f"{{{{ vars.{own} }}}}" for name, own in filled.env.items()}
        if list_of(step, "out_args"):
            self._draft.lose(
                "weakened", "out_args", "what a command returns has to be written as capture:", place
            )
        return {name: value for name, value in made.items() if value}

    def _manual(
        self, key: str, step: Mapping[str, Any], text: str, place: str, number: int
    ) -> list[dict[str, Any]]:
        if step.get("timeout"):
            self._draft.lose("dropped", "timeout", "a person is not ended by a clock", place)
        wanted = [one for one in list_of(step, "out_args") if isinstance(one, str)] if not number else []
        if not wanted:
            return [self._told(key, step, text, place, number)]
        asked = []
        for out in wanted:
            found = VARIABLE.match(out)
            word = found[1] if found else out
            told = self._told(key, step, text, place, number)
            title = (
                told["title"] if len(wanted) == 1 else self._draft.title(f"{told['title']}: {word}", place)
            )
            asked.append(
                {**told, "kind": "ask", "title": title, "type": "text", "save_as": self._variables.save(word)}
            )
        return asked

    def _told(
        self, key: str, step: Mapping[str, Any], text: str, place: str, number: int = 0
    ) -> dict[str, Any]:
        # A value is put into prose, never into something that looks like a command to be copied.
        words = self._draft.prose(text, place) if "```" in text else self._read(text, place)
        parts = [self._about(step, place), words]
        text = "\n\n".join(dict.fromkeys(part for part in parts if part))
        made = {"kind": "instruct", "title": self._name(key, step, place, number), "text": text[:4000]}
        return {name: value for name, value in made.items() if value}

    def _read(self, text: str, place: str) -> str:
        """A text for a person, its pasted variables as gaps of ours where they are declared."""
        prose = self._draft.prose(text, place)
        return _PASTED.sub(self._gap, prose)

    def _gap(self, found: re.Match[str]) -> str:
        known = self._variables.known(found[1])
        return f"{{{{ {known} }}}}" if known else found.group()

    def _about(self, step: Mapping[str, Any], place: str) -> str:
        """Description, and who does it to what."""
        rows = [self._read(text_of(step, "description"), f"{place}/description")]
        agent = self._named(text_of(step, "agent"), "agent_definitions")
        on = [
            self._named(one, "target_definitions") for one in list_of(step, "targets") if isinstance(one, str)
        ]
        rows.append(f"Done by: {agent}" if agent else "")
        rows.append(f"On: {', '.join(filter(None, on))}" if any(on) else "")
        return self._draft.prose("\n".join(row for row in rows if row), place) if rows else ""

    def _named(self, key: str, where: str) -> str:
        return text_of(mapping_of(mapping_of(self._document, where), key), "name")[:200]

    def _request(self, text: str, step: Mapping[str, Any]) -> str:
        """An HTTP request with the host its target names."""
        found = _REQUEST.match(text)
        hosts = [
            host
            for key in list_of(step, "targets")
            if isinstance(key, str)
            for kind in ("url", "dname", "ipv4", "ipv6")
            for host in list_of(
                mapping_of(mapping_of(mapping_of(self._document, "target_definitions"), key), "address"), kind
            )
            if isinstance(host, str)
        ]
        if not found or not hosts or "://" in found["path"]:
            return text
        host = hosts[0] if "://" in hosts[0] else f"https://{hosts[0]}"
        return f"{found['verb'].upper()} {host.rstrip('/')}/{found['path'].lstrip('/')}"
