from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.helpdesk.strict_json import DEEPEST, MalformedJsonError, parse


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b'{"id": -Infinity}',
        b'{"id": 1e999}',
        b'{"id": 1, "id": 2}',
        b'{"id": 1',
        b"",
        b"<html></html>",
        b'{"id": ' + b"9" * 5000 + b"}",
    ],
)
def test_doubtful_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        parse(body)


def test_an_enormous_number_is_told_in_our_own_words() -> None:
    with pytest.raises(MalformedJsonError, match=r"^a number is too large$"):
        parse(b'{"id": ' + b"9" * 6000 + b"}")


def test_nesting_is_allowed_up_to_the_limit_and_not_beyond() -> None:
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST) is not None
    with pytest.raises(MalformedJsonError, match="nested"):
        parse(b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2))
    with pytest.raises(MalformedJsonError, match="nested"):
        parse(b"[" * 100_000 + b"]" * 100_000)


def test_half_a_surrogate_pair_and_bytes_that_are_no_utf8_become_a_replacement_character() -> None:
    assert parse(rb'{"s": ["\ud800", "\ud83d\ude00"]}') == {"s": ["\ufffd", "😀"]}
    assert parse(b'{"s": "\xff"}') == {"s": "\ufffd"}
    parse(rb'{"\udc00": 1}')["\ufffd"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_ordinary_json_comes_through_unchanged(value: object) -> None:
    assert parse(json.dumps(value).encode()) == json.loads(json.dumps(value))


@given(st.binary(max_size=200))
def test_any_bytes_either_parse_or_are_refused(body: bytes) -> None:
    with contextlib.suppress(MalformedJsonError):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": ":", "a": 2}',
        rb'{"a" :1,"a":2}',
        b'{"a"\t:1,"a":2}',
        b'{"a"\n:1,"a":2}',
        b'{"a"\r:1,"a":2}',
        rb'{"\\":1,"\\":2}',
        rb'{"\"":1,"\"":2}',
        rb'{"\":":1,"\":":2}',
        rb'{"b\\":1,"a":1,"a":2}',
        rb'[{"a":[{"x":"\\\":","y":1,"y":2}]}]',
        rb'{"a":1,"\u0061":2}',
    ],
)
def test_a_key_that_comes_twice_is_found_wherever_it_stands(body: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="twice"):
        parse(body)


_awkward = st.text(alphabet='ab":\\ \n\u00e9', max_size=4)


@given(
    st.recursive(_awkward, lambda inner: st.lists(inner) | st.dictionaries(_awkward, inner), max_leaves=12),
    st.sampled_from([(",", ":"), (", ", ": "), (",", " :"), (" ,", "\t: ")]),
    st.sampled_from([None, 1]),
)
def test_quotation_marks_colons_and_backslashes_anywhere_hide_nothing(
    value: object, separators: tuple[str, str], indent: int | None
) -> None:
    written = json.dumps(value, separators=separators, indent=indent)
    assert parse(written.encode()) == value
    # The same text with a key of every object told once more: unless it is empty, it is found.
    doubled = re.sub(r"\{(?=\s*\"KEY\")", '{"KEY":0,', json.dumps({"KEY": value}, separators=separators))
    with pytest.raises(MalformedJsonError, match="twice"):
        parse(doubled.encode())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\uD83D\uDE00"', "😀"),
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00"', "\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (rb'"\ud83d\ude00\ude00"', "😀\ufffd"),
        (rb'"\\ud83d\ude00"', "\\ud83d\ufffd"),
        (rb'"\ud83dx\ude00"', "\ufffdx\ufffd"),
        (rb'{"\ud83d\ude00": "\ude00\ud83d"}', {"😀": "\ufffd\ufffd"}),
    ],
)
def test_pairs_stay_and_halves_are_replaced(written: bytes, read: object) -> None:
    assert parse(written) == read
