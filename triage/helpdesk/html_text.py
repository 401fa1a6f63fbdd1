"""The words of an HTML mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", "table"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "blockquote", "pre", "table", "ul", "ol"})
_UNSEEN = frozenset({"script", "style", "head", "title"})
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self._unseen:
            self._unseen -= 1
        if tag in _PARAGRAPHS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def words_of(html: str) -> str:
    """``html`` as plain text: tags gone, paragraphs on lines of their own, entities resolved."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = "".join(words.parts).replace("\xa0", " ")
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines.split("\n"))).strip()
