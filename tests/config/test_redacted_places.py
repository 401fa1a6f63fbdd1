"""A secret the program holds shows in no place it can get into: forty values, twenty-six places."""

from __future__ import annotations

import base64
import html
import json
import logging
import random
import re
import shlex
import string
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
import yaml

from triage.config.log_redaction import RedactingFilter
from triage.config.secret import Redactor

PLAIN = string.ascii_letters + string.digits
ALPHABETS = [
    "0123456789abcdef",
    string.ascii_uppercase + string.digits,
    PLAIN,
    PLAIN + "-_",
    PLAIN + "+/=",
    PLAIN + "-._~",
    PLAIN + "!#$%&*",
    PLAIN + "\"'\\<>&",
]
LENGTHS = [8, 20, 36, 64, 200]


def values() -> list[str]:
    rng = random.Random(20261122)
    return ["".join(rng.choices(letters, k=length)) for letters in ALPHABETS for length in LENGTHS]


def logged(redactor: Redactor, message: str, *args: object) -> str:
    record = logging.LogRecord("x", logging.WARNING, "f", 1, message, args, None)
    RedactingFilter(redactor).filter(record)
    return logging.Formatter().format(record)


def raised(redactor: Redactor, value: str) -> str:
    try:
        raise RuntimeError(f"refused {value}")
    except RuntimeError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "failed", (), (RuntimeError, error, error.__traceback__)
        )
    RedactingFilter(redactor).filter(record)
    return logging.Formatter().format(record)


def lower_escapes(value: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quote(value, safe=""))


def wrapped(value: str, join: str) -> str:
    return join.join(value[at : at + 7] for at in range(0, len(value), 7))


PLACES: dict[str, Callable[[Redactor, str], str]] = {
    "log message": lambda r, v: logged(r, f"sent {v}"),
    "log argument": lambda r, v: logged(r, "sent %s", v),
    "log argument in a mapping": lambda r, v: logged(r, "sent %(it)s", {"it": v}),
    "log with a broken format": lambda r, v: logged(r, f"sent {v} %d", "x"),
    "logged traceback": raised,
    "traceback": lambda r, v: r.redact("".join(traceback.format_exception(ValueError(v)))),
    "repr of a mapping": lambda r, v: r.redact(repr({"token": v})),
    "repr of bytes": lambda r, v: r.redact(repr(v.encode())),
    "query": lambda r, v: r.redact("https://h/?" + urlencode({"key": v})),
    "path": lambda r, v: r.redact("https://h/" + quote(v, safe="") + "/x"),
    "form": lambda r, v: r.redact("a=1&t=" + quote_plus(v)),
    "lower case escapes": lambda r, v: r.redact("t=" + lower_escapes(v)),
    "header": lambda r, v: r.redact(f"Authorization: Bearer {v}"),
    "basic header": lambda r, v: r.redact("Basic " + base64.b64encode(f"me/token:{v}".encode()).decode()),
    "argv": lambda r, v: r.redact(repr(["curl", "-H", v])),
    "shell line": lambda r, v: r.redact(shlex.join(["curl", "-H", v])),
    "environment": lambda r, v: r.redact(f"TOKEN={v}\nHOME=/root"),
    "json": lambda r, v: r.redact(json.dumps({"t": v})),
    "yaml": lambda r, v: r.redact(yaml.safe_dump({"t": v}, width=10_000)),
    "html": lambda r, v: r.redact(f"<td>{html.escape(v)}</td>"),
    "base64": lambda r, v: r.redact(base64.b64encode(v.encode()).decode()),
    "base64 for addresses": lambda r, v: r.redact(
        base64.urlsafe_b64encode(b"xy" + v.encode() + b"z").decode()
    ),
    "hexadecimal": lambda r, v: r.redact(v.encode().hex()),
    "wrapped lines": lambda r, v: r.redact(wrapped(v, "\n    ")),
    "quoted mail": lambda r, v: r.redact(wrapped(v, "\r\n> ")),
    "colours": lambda r, v: r.redact(wrapped(v, "\x1b[31m")),
}


def shows(value: str, text: str) -> bool:
    """Whether a third of ``value`` can be read in ``text``, as it is or in one of the usual encodings."""
    piece = value[: max(6, len(value) // 3)]
    bare = text.replace("\x1b[31m", "").replace("\r\n> ", "").replace("\n    ", "")
    forms = {
        piece,
        quote(piece, safe=""),
        lower_escapes(piece),
        json.dumps(piece)[1:-1],
        html.escape(piece),
        piece.encode().hex(),
    }
    forms.add(base64.b64encode(piece.encode()).decode().rstrip("=")[:-1])
    return any(form in bare for form in forms)


@pytest.mark.parametrize("place", PLACES)
def test_no_known_secret_shows(place: str) -> None:
    for value in values():
        redactor = Redactor([value])
        said = PLACES[place](redactor, value)
        assert not shows(value, said), (value, said)
        assert "***" in said


def test_the_places_would_show_it_without_the_redactor() -> None:
    value = values()[12]
    empty = Redactor()
    hidden = [place for place, said in PLACES.items() if not shows(value, said(empty, value))]
    assert hidden == ["base64 for addresses"]
