"""Markdown as check-docs reads it: blocks of code, links, anchors, code spans and sentences."""
import pathlib
import re
from dataclasses import dataclass, field

MARKER = re.compile(r"<!--\s*check:\s*(.*?)\s*-->")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`]+)`")
CELL_BAR = re.compile(r"(?<!\\)\|")


@dataclass
class Block:
    """A fenced block of code."""

    language: str
    line: int
    text: str
    #: What the comment above it says, as in `help`.
    marker: str | None


@dataclass
class Document:
    path: pathlib.Path
    blocks: list[Block] = field(default_factory=list)
    #: The lines outside of blocks, with their numbers.
    prose: list[tuple[int, str]] = field(default_factory=list)

    @property
    def links(self) -> list[tuple[int, str]]:
        return [(number, target) for number, line in self.prose for target in LINK.findall(SPAN.sub("", line))]

    @property
    def spans(self) -> list[tuple[int, str]]:
        """The text in backticks; a bar in a table is escaped there."""
        return [(number, span.replace("\\|", "|")) for number, line in self.prose for span in SPAN.findall(line)]

    @property
    def headings(self) -> list[tuple[int, str]]:
        return [(number, line) for number, line in self.prose if re.match(r"#{1,6} ", line)]

    @property
    def anchors(self) -> set[str]:
        """Of the headings, as GitHub makes them."""
        found: set[str] = set()
        for _, heading in self.headings:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.lstrip("# ").strip()).lower()
            slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            name, count = slug, 0
            while name in found:
                count += 1
                name = f"{slug}-{count}"
            found.add(name)
        return found

    def section(self, title: str) -> str:
        """The prose below a heading of level 2, up to the next."""
        lines, inside = [], False
        for _, line in self.prose:
            if line.startswith("## "):
                inside = line[3:].strip() == title
            elif inside:
                lines.append(line)
        return "\n".join(lines)

    @property
    def sentences(self) -> list[tuple[int, str]]:
        """Of paragraphs, lists and table cells, with code and links as their text."""
        pieces: list[tuple[int, str]] = []
        for number, line in self.prose:
            starts = re.match(r"\s*([-*]|\d+\.)\s", line)
            if line.startswith("|"):
                pieces += [(number, cell) for cell in CELL_BAR.split(line)]
            elif line.startswith("#") or not line.strip() or line.startswith("<!--"):
                pieces.append((number, ""))
            elif starts or not pieces or not pieces[-1][1] or pieces[-1][1].startswith("|"):
                pieces.append((number, line.strip()))
            else:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + " " + line.strip())
        found = []
        for number, text in pieces:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
            found += [(number, part) for part in re.split(r"(?<=[.!?:])\s+(?=[A-Z`\"(0-9])", text) if part.strip()]
        return found


def read(path: pathlib.Path) -> Document:
    document = Document(path)
    fence: tuple[str, int, str | None] | None = None
    body: list[str] = []
    marker: str | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if fence is not None:
            if line.strip() == "```":
                document.blocks.append(Block(fence[0], fence[1], "\n".join(body), fence[2]))
                fence, body = None, []
            else:
                body.append(line)
        elif line.startswith("```"):
            fence, marker = (line[3:].strip(), number, marker), None
        else:
            document.prose.append((number, line))
            comment = MARKER.search(line)
            marker = comment.group(1) if comment else marker if not line.strip() else None
    return document
