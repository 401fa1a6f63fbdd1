"""A Markdown runbook as a draft playbook.

Meaning and impact go to the head; diagnosis, mitigation and whatever else the author calls it become steps.
Numbered points and prose are instructions, points to tick are checklists, shell blocks are checks that
nobody has trusted and that count as changing something until a person has read them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from triage.model.errors import Invalid
from triage.model.exchange import ImportReport
from triage.playbook.interop.draft import LINE_LIMIT, Draft, references
from triage.playbook.interop.markdown_blocks import Block, Item, Page, plain_words, read_page
from triage.playbook.interop.markdown_sections import Purpose, lane_of, purpose_of
from triage.playbook.interop.placeholders import fill
from triage.playbook.interop.shell_blocks import ShellBlock, shell_block
from triage.playbook.interop.variables import Variables

SIZE_LIMIT = 512 * 1024
_MOST_ITEMS = 9
_MOST_LINKS = 20
_READ_AT_A_GLANCE = 60
_SENTENCE = re.compile(r"(.{8,}?[.:!?])(?:\s|$)")


def from_markdown(raw: bytes, source: str) -> ImportReport:
    """The runbook in ``raw``, the bytes of a file called ``source``. Raises `Invalid` for what is no text."""
    if len(raw) > SIZE_LIMIT:
        raise Invalid(f"larger than {SIZE_LIMIT // 1024} KiB", where=source, do="Split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("not UTF-8", where=f"{source}, byte {error.start}") from None
    return _Import(source).report(read_page(text.replace("\r\n", "\n").replace("\0", "\ufffd")))


class _Import:
    """One page on its way into a draft."""

    def __init__(self, source: str) -> None:
        self.draft = Draft("markdown", PurePath(source).name)
        self.variables = Variables(self.draft)
        self.headings: list[tuple[int, str, Purpose]] = []
        self.title = ""
        self.head: dict[str, list[str]] = {"condition": [], "impact": []}
        self.lead: list[Block] = []
        """Prose that waits for the command or the list it introduces."""
        self.kept = self.total = 0
        self.link_lines: list[int] = []
        self._title_level = 1

    def report(self, page: Page) -> ImportReport:
        """The finished report."""
        # A second-level heading is the page's title only where it stands alone.
        high = [block for block in page.blocks if block.kind == "heading" and block.level <= 2]
        self._title_level = 2 if len(high) == 1 else 1
        for block in page.blocks:
            self._block(block)
        self._flush()
        self.draft.begin(
            self.title or page.title or PurePath(self.draft.source).stem.replace("_", " ").replace("-", " "),
            name=PurePath(self.draft.source).stem if not (self.title or page.title) else "",
            condition="\n\n".join(self.head["condition"]),
            impact=self.draft.prose("\n\n".join(self.head["impact"]), "the section on impact"),
        )
        if found := references({"title": text, "url": url} for text, url, _ in self._links(page)):
            self.draft.head["references"] = found
        if self.variables.declared:
            self.draft.head["vars"] = self.variables.declared
        if self.draft.steps:
            self.draft.close()
        return self.draft.finish(self.kept, self.total)

    def _links(self, page: Page) -> list[tuple[str, str, int]]:
        """The links of the sections that list references, else the first ones of the page."""
        listed = [link for link in page.links if link[2] in self.link_lines]
        chosen = [(plain_words(text), url, line) for text, url, line in listed or page.links]
        return chosen[:_MOST_LINKS]

    @property
    def purpose(self) -> Purpose:
        """Of the section in hand."""
        return self.headings[-1][2] if self.headings else "steps"

    def _block(self, block: Block) -> None:
        place = f"line {block.line}"
        if block.kind == "heading":
            self._heading(block)
        elif block.kind in ("html", "image"):
            self._not_text(block, place)
        elif self.purpose == "left_out":
            self.draft.lose(
                "dropped", f"{block.kind} in {self.headings[-1][1]!r}", "not something to do", place
            )
        elif self.purpose == "references":
            self.link_lines.append(block.line)
        elif self.purpose in ("condition", "impact") and block.kind != "code":
            self.head[self.purpose].append(_as_text(block))
        elif block.kind == "code":
            self._code(block)
        elif block.kind == "list":
            self._list(block)
        elif not self.headings and not self.draft.steps and not self.head["condition"] and self.title:
            # What stands between title and first heading says what the page is about.
            self.head["condition"].append(block.text)
        else:
            self.lead.append(block)

    def _not_text(self, block: Block, place: str) -> None:
        text = re.sub(r"<!--.*?-->|<[^<>]{0,500}>", "", block.text, flags=re.DOTALL).strip()
        if block.kind == "image":
            self.draft.lose("dropped", f"image {block.text[:60]}", "a terminal shows no images", place)
        elif not text:
            self.draft.lose("dropped", f"HTML {block.text.strip()[:40]!r}", "it holds no text", place)
        else:
            self.draft.lose("weakened", f"HTML {block.text.strip()[:40]!r}", "kept without its marks", place)
            self._block(Block("text", block.line, text))

    def _heading(self, block: Block) -> None:
        self._flush()
        words = plain_words(block.text)
        if block.level <= self._title_level and not self.title and purpose_of(words) is None:
            self.title = re.sub(r"^(?:runbook|playbook)\s*[:-]\s*", "", words, flags=re.IGNORECASE) or words
            self.headings = []
            return
        while self.headings and self.headings[-1][0] >= block.level:
            self.headings.pop()
        named = purpose_of(words)
        above = self.headings[-1][2] if self.headings else None
        inherits = above in ("references", "left_out") or (above == "steps" and named != "references")
        purpose: Purpose = above if above and inherits else named or "steps"
        self.headings.append((block.level, words, purpose))

    def _where(self) -> dict[str, str]:
        """Section and lane of a step."""
        names = [words for _, words, _ in self.headings]
        place = {"section": self.draft.line(names[-1], "a heading")} if names and names[-1] else {}
        lane = lane_of(names)
        return {**place, "lane": lane} if lane else place

    def _flush(self) -> None:
        """Make an instruction of prose that introduced nothing."""
        if not self.lead:
            return
        self.total += 1
        line, text = self.lead[0].line, _joined(self.lead)
        self.lead = []
        if not plain_words(text):
            self.draft.lose("dropped", "a paragraph", "it holds no words", f"line {line}")
            return
        self._told(text, line)

    def _told(self, text: str, line: int) -> None:
        title, whole = _title(text)
        # Nothing is said twice: a text that fits into its title needs no body.
        body = "" if whole else self.draft.prose(text, f"line {line}")
        self.draft.add("instruct", title, f"line {line}", text=body, **self._where())
        self.kept += 1

    def _code(self, block: Block) -> None:
        found = shell_block(block)
        if found is None:
            fence = f"```{block.language}\n{block.text}\n```"
            self.lead.append(Block("text", block.line, fence))
            return
        self.total += 1
        self._check(found, block.line)

    def _check(self, found: ShellBlock, line: int) -> None:
        place = f"line {line}"
        command = self.draft.command(found.command, place)
        lead = _joined(self.lead)
        self.lead = []
        if not command:
            self._told(f"{lead}\n\n```\n{found.command}\n```".strip(), line)
            return
        filled = fill(command, lambda word: self.variables.declare(word, place=place))
        for gap in filled.stuck:
            self.draft.lose("weakened", gap, "inside single quotes, where no value can be put", place)
        title, whole = _title(lead) if lead else (f"Run {command.split()[0]}", True)
        shown = f"It shows, for example:\n\n```\n{found.output}\n```" if found.output else ""
        text = "\n\n".join(part for part in ("" if whole else lead, shown) if part)
        env = {name: f"{{{{ vars.{own} }}}}" for name, own in filled.env.items()}
        self.draft.add(
            "check", title.rstrip(":"), place, text=self.draft.prose(text, place), run=filled.text,
            env=env or None, effect="changes", undo="none", **self._where(),
        )  # fmt: skip
        self.kept += 1

    def _list(self, block: Block) -> None:
        self.total += len(block.items)
        simple = all(_is_line(item) for item in block.items)
        tasks = any(item.task for item in block.items)
        if simple and len(block.items) > 1 and (tasks or not block.ordered):
            self._checklist(block)
            return
        self._flush()
        for item in block.items:
            self._point(item)

    def _checklist(self, block: Block) -> None:
        lead, line = _joined(self.lead), self.lead[0].line if self.lead else block.line
        self.lead = []
        names = [words for _, words, _ in self.headings]
        title, whole = _title(lead) if lead else (names[-1] if names else "Go through these", True)
        texts = [self.draft.line(item.blocks[0].text, f"line {item.line}") for item in block.items]
        count = -(-len(texts) // _MOST_ITEMS)
        size = -(-len(texts) // count)
        for number in range(count):
            # Shares of nearly one size, so that none is left with a single item.
            items = texts[number * size : (number + 1) * size]
            numbered = (
                f"{title.rstrip(':')[: _READ_AT_A_GLANCE - 8]} ({number + 1} of {count})"
                if count > 1
                else title
            )
            text = "" if whole or number else self.draft.prose(lead, f"line {line}")
            place = f"line {block.items[number * size].line}"
            self.draft.add("checklist", numbered.rstrip(":"), place, text=text, items=items, **self._where())
        self.kept += len(block.items)

    def _point(self, item: Item) -> None:
        """One entry of a list: what it says, then the commands in it."""
        self.kept += 1
        before = self.total, self.kept, len(self.draft.steps)
        for block in item.blocks:
            if block.kind == "code":
                self._code(block)
            elif block.kind == "list" and not _holds_code(block):
                self.lead.append(Block("text", block.line, _as_text(block)))
            elif block.kind == "list":
                for inner in block.items:
                    self._point(inner)
            elif block.kind in ("html", "image"):
                self._not_text(block, f"line {block.line}")
            else:
                self.lead.append(block)
        self._flush()
        made = len(self.draft.steps) > before[2]
        # An entry counts once, whatever it was made of.
        self.total, self.kept = before[0], before[1] if made else before[1] - 1
        if not made:
            self.draft.lose("dropped", "an entry of a list", "it is empty", f"line {item.line}")


def _is_line(item: Item) -> bool:
    """Whether an entry is one thing to tick."""
    text = item.blocks[0].text if len(item.blocks) == 1 and item.blocks[0].kind == "text" else ""
    return bool(plain_words(text)) and len(text) <= LINE_LIMIT


def _holds_code(block: Block) -> bool:
    return any(
        (one.kind == "code" and shell_block(one) is not None) or (one.kind == "list" and _holds_code(one))
        for item in block.items
        for one in item.blocks
    )


def _joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(_as_text(block) for block in blocks).strip()


def _as_text(block: Block, depth: int = 0) -> str:
    """A block as Markdown again."""
    if block.kind == "code":
        return f"```{block.language}\n{block.text}\n```"
    if block.kind != "list":
        return block.text
    rows = []
    for number, item in enumerate(block.items, 1):
        mark = f"{number}." if block.ordered else "-"
        inner = "\n".join(_as_text(one, depth + 1) for one in item.blocks)
        rows.append(f"{mark} " + inner.replace("\n", "\n" + " " * (len(mark) + 1)))
    return "\n".join(rows)


def _title(text: str) -> tuple[str, bool]:
    """A title for a step that says ``text``, and whether it says all of it."""
    first = text.partition("\n\n")[0]
    words = plain_words("" if first.startswith("```") else first)
    if not words:
        return ("Look at this", False)
    found = _SENTENCE.match(words)
    title = (found[1] if found else words).rstrip(":.")
    same = title == text.rstrip(":.")
    if len(title) > _READ_AT_A_GLANCE:
        title, same = title[: _READ_AT_A_GLANCE - 1].rsplit(" ", 1)[0] + "…", False
    return (title, same)
