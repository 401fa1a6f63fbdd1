"""PB407 and its like: where a request may go. Consent protects; this tells the author before."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from triage.playbook.language.reading import Reading
from triage.playbook.language.steps import Http
from triage.playbook.language.template import Gap, TemplateError, compile_template
from triage.playbook.language.yaml_nodes import Path

_HOST_ENDS = re.compile(r"[a-z]+://[^/?#]*[/?#]", re.IGNORECASE)
_OWN_HEADERS = frozenset(
    ("host", "connection", "content-length", "transfer-encoding", "upgrade", "cookie", "te", "trailer")
)
_INSIDE = re.compile(
    r"(?:localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[?::1\]?|169\.254\..*|10\..*|192\.168\..*)\Z"
)


def check_requests(reading: Reading) -> None:
    """Every ``http`` step: its host, its headers, and what to do where it cannot be sent."""
    for index, step in reading.steps:
        if isinstance(step, Http):
            _host(reading, ("steps", index, "url"), step.url)
            _headers(reading, ("steps", index, "headers"), step)
            if not step.manual:
                message = "no manual: text, so nobody can do this where the request cannot be sent"
                reading.source.add(("steps", index, "url"), "PB411", message, level="warning")


def _host(reading: Reading, path: Path, url: str) -> None:
    """PB407: the host must be written down, set by the team, or a variable that is kept to a form."""
    try:
        parts = compile_template(url).parts
    except TemplateError:
        return
    before = ""
    for part in parts:
        if isinstance(part, str):
            before += part
        elif not _HOST_ENDS.match(before):
            _named_host(reading, path, part)
            before += "x"
        else:
            break
    if not any(isinstance(part, Gap) for part in parts):
        _literal_host(reading, path, url)


def _named_host(reading: Reading, path: Path, gap: Gap) -> None:
    root, name = gap.path[0], gap.path[-1]
    variable = reading.header.vars.get(name) if reading.header and root == "vars" else None
    if root == "config" or (variable and (variable.source or "").startswith("config.")):
        return
    if variable is not None and not (variable.source or "").startswith("ticket."):
        if not (variable.pattern or variable.options):
            message = f"the host comes from {'.'.join(gap.path)}, which may be anything"
            advice = "give the variable a pattern:, or take it from config.*"
            reading.source.add(path, "PB407", message, level="warning", advice=advice, offset=gap.offset)
        return
    if variable is not None and (variable.pattern or variable.options):
        return
    message = f"the host comes from {'.'.join(gap.path)}: no ticket and no answer may say where to send"
    advice = "take it from config.*, or from a variable with a pattern:"
    reading.source.add(path, "PB407", message, advice=advice, offset=gap.offset)


def _literal_host(reading: Reading, path: Path, url: str) -> None:
    try:
        host, scheme = urlsplit(url).hostname or "", urlsplit(url).scheme
    except ValueError:
        host, scheme = "", ""
    if scheme not in ("http", "https") or not host:
        reading.source.add(
            path, "PB414", f"{url!r} is not an address", advice="begin with https:// and a host"
        )
    elif _INSIDE.match(host):
        message = f"{host} is only reached where the setting http_allow lists it"
        reading.source.add(path, "PB407", message, level="warning", advice="take the address from config.*")


def _headers(reading: Reading, path: Path, step: Http) -> None:
    for name in step.headers:
        if name.lower() in _OWN_HEADERS:
            message = f"the header {name} is the program's own"
            reading.source.add((*path, name), "PB410", message, on="key")
