"""Text in Jira: documents of nodes in the cloud, plain text in a data center."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triage.model.json_value import Json

_BLOCKS = frozenset(
    {
        "paragraph", "heading", "codeBlock", "blockquote", "listItem", "tableRow", "rule", "panel",
        "mediaGroup", "mediaSingle",
    }
)  # fmt: skip


def document(text: str) -> Json:
    """``text`` as a document: a paragraph for each block, a break for each line."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return {"type": "doc", "version": 1, "content": [_paragraph(block) for block in blocks]}


def _paragraph(block: str) -> Json:
    nodes: list[Json] = []
    for place, words in enumerate(block.split("\n")):
        if place:
            nodes.append({"type": "hardBreak"})
        # An empty text node makes the whole document invalid.
        if words:
            nodes.append({"type": "text", "text": words})
    return {"type": "paragraph", "content": nodes}


def plain(value: Any) -> str:
    """A document, or text as it is, as plain text."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if not isinstance(value, Mapping):
        return ""
    return "".join(_words(value)).strip("\n")


def _words(node: Mapping[str, Any]) -> Iterator[str]:
    kind, attrs = node.get("type"), node.get("attrs")
    attrs = attrs if isinstance(attrs, Mapping) else {}
    if kind == "text":
        yield str(node.get("text") or "")
    elif kind == "hardBreak":
        yield "\n"
    elif kind in ("mention", "emoji", "status", "date"):
        yield str(attrs.get("text") or attrs.get("shortName") or attrs.get("timestamp") or "")
    elif kind in ("inlineCard", "blockCard"):
        yield str(attrs.get("url") or "")
    content = node.get("content")
    for child in content if isinstance(content, list) else ():
        if isinstance(child, Mapping):
            yield from _words(child)
    if kind in _BLOCKS:
        yield "\n\n" if kind in ("paragraph", "heading", "codeBlock") else "\n"
