"""A Markdown page as blocks that know their lines (CommonMark, with tables)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

BlockKind: TypeAlias = Literal["heading", "text", "code", "list", "html", "image"]
_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?\n)?\1[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE)
_BY_LABEL = re.compile(r"\[([^\[\]]+)\]\[([^\[\]]*)\]")
_LINK = re.compile(r"(!?)\[([^\[\]]*)\]\((https?://[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)[^()]*\)")
_TASK = re.compile(r"\[[ xX]\]\s+")
_LABEL = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list."""

    blocks: tuple[Block, ...]
    line: int
    task: bool = False
    """It has a box to tick."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page."""

    kind: BlockKind
    line: int
    """From 1."""
    text: str = ""
    level: int = 0
    """Of a heading."""
    language: str = ""
    """Of code: the word behind the fence; empty where there is none."""
    ordered: bool = False
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown file, read."""

    blocks: tuple[Block, ...]
    title: str = ""
    """From the front matter."""
    links: tuple[tuple[str, str, int], ...] = field(default=())
    """Text, web address and line of every link."""


def read_page(text: str) -> Page:
    """The blocks of ``text``; any text is a page."""
    front = _FRONT.match(text)
    title = ""
    if front:
        found = _FRONT_TITLE.search(front.group(2) or "")
        title = found[1] if found else ""
        text = "\n" * front.group().count("\n") + text[front.end() :]
    environment: dict[str, dict[str, dict[str, str]]] = {}
    root = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text, environment))
    labels = {name: str(held.get("href", "")) for name, held in environment.get("references", {}).items()}
    reader = _Reader(text.split("\n"), labels)
    blocks = reader.blocks(root)
    links = [
        (found[2], found[3], block.line)
        for block in blocks
        for part in _texts(block)
        for found in _LINK.finditer(part)
        if not found[1]
    ]
    return Page(tuple(blocks), title, tuple(links))


def _texts(block: Block) -> list[str]:
    inner = [text for item in block.items for one in item.blocks for text in _texts(one)]
    return ([block.text] if block.kind in ("text", "heading") else []) + inner


class _Reader:
    """Walks the tree; the parser bounds its depth."""

    def __init__(self, lines: list[str], labels: dict[str, str]) -> None:
        self._lines = lines
        self._labels = labels

    def blocks(self, parent: SyntaxTreeNode) -> list[Block]:
        """The blocks directly under ``parent``."""
        return [block for node in parent.children if (block := self._block(node)) is not None]

    def _block(self, node: SyntaxTreeNode) -> Block | None:
        line = (node.map[0] + 1) if node.map else 1
        match node.type:
            case "heading":
                return Block("heading", line, self._inline(node), level=int(node.tag[1]))
            case "paragraph":
                text = self._inline(node)
                kind: BlockKind = "image" if re.fullmatch(r"(?:!\[[^\]]*\]\([^)]*\)\s*)+", text) else "text"
                return Block(kind, line, text)
            case "fence" | "code_block":
                words = (node.info or "").split() if node.type == "fence" else []
                return Block(
                    "code", line, node.content.rstrip("\n"), language=words[0].lower() if words else ""
                )
            case "bullet_list" | "ordered_list":
                items = tuple(self._item(one) for one in node.children)
                return Block("list", line, items=items, ordered=node.type == "ordered_list")
            case "html_block":
                return Block("html", line, node.content)
            case "hr":
                return None
        # Tables and quotations stay as they are written.
        return Block("text", line, self._source(node))

    def _item(self, node: SyntaxTreeNode) -> Item:
        blocks = self.blocks(node)
        line = (node.map[0] + 1) if node.map else 1
        if blocks and blocks[0].kind == "text" and (box := _TASK.match(blocks[0].text)):
            first = Block("text", blocks[0].line, blocks[0].text[box.end() :])
            return Item((first, *blocks[1:]), line, task=True)
        return Item(tuple(blocks), line)

    def _inline(self, node: SyntaxTreeNode) -> str:
        text = node.children[0].content if node.children else ""
        return _BY_LABEL.sub(self._resolved, text)

    def _resolved(self, found: re.Match[str]) -> str:
        label = _LABEL.sub(" ", found[2] or found[1]).strip().upper()
        url = self._labels.get(label)
        return f"[{found[1]}]({url})" if url else found.group()

    def _source(self, node: SyntaxTreeNode) -> str:
        if not node.map:
            return ""
        lines = self._lines[node.map[0] : node.map[1]]
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        return "\n".join(line[min(indents, default=0) :] for line in lines).strip("\n")


def plain_words(text: str) -> str:
    """Inline Markdown without its marks, on one line: what a title is made of."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|<[^<>\n]{1,200}>", "", text)
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))", "", text)
    return " ".join(text.replace("\\", "").split())
