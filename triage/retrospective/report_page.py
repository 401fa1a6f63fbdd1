"""The report as one HTML file that needs nothing else: no script, no picture, no font, no network.

It follows the reader's light or dark setting and prints on paper in black and white.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

STYLE = Path(__file__).with_suffix(".css")
_NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def markdown_reader() -> MarkdownIt:
    """What reads a report's Markdown, for every form alike: tables, and no markup of its own."""
    # Imported late: only the verbs that print a report need it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "autolink"])


def page(markdown: str) -> str:
    """``markdown`` (as `report.markdown` gives it) as a whole HTML document.

    Markup inside the text is shown, not obeyed, so that nothing of a ticket can run in a reader's browser.
    """
    reader = markdown_reader()
    title = html.escape(markdown.split("\n", 1)[0].lstrip("# ").replace("\\", ""))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_NOTHING_FROM_OUTSIDE}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>\n{STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n"
        f"{reader.render(markdown)}</body>\n</html>\n"
    )
