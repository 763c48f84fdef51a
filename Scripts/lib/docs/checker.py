"""The checks: what a page says against what there is."""
import json
import pathlib
import re
import time
from dataclasses import dataclass

import markdown
import shell
from programs import Programs
from session import Session, is_server

ROOM = re.compile(r"^(Sources|Tests|Scripts|Models|docs)/[\w./+-]+$")
INLINE = re.compile(r"^(Scripts/[\w/-]+|jostle)( |$)")
FLAG_SPAN = re.compile(r"^(--[a-z][\w-]*)( |=|$)")
#: So that examples of --help take seconds.
BENCH = "--batches 1 --rounds 1 --steps 4 --prompt-tokens 16"


@dataclass
class Finding:
    place: str
    message: str


class Checker:
    """Checks pages; `findings` is what is wrong, `treated` how each command was treated."""

    def __init__(self, root: pathlib.Path, programs: Programs, base: pathlib.Path | None = None, runs: bool = True):
        self.root = root
        self.programs = programs
        #: What the pages' names are told relative to.
        self.base = base or root
        self.runs = runs
        self.findings: list[Finding] = []
        #: (how, place, command), `how` being one of run, shortened, help, syntax.
        self.treated: list[tuple[str, str, str]] = []

    def find(self, place: str, message: str):
        self.findings.append(Finding(place, message))

    def place(self, document: markdown.Document, line: int) -> str:
        return f"{document.path.relative_to(self.base)}:{line}"

    def page(self, document: markdown.Document):
        """Everything about one page."""
        self.links(document)
        self.spans(document)
        with Session(self.root, self.programs.binary) as session:
            for block in document.blocks:
                self.block(document, block, session)
            for line, span in document.spans:
                if span.startswith("curl "):
                    self.command(self.place(document, line), span, None, session)
            problem = session.stop()
            if problem:
                self.find(self.place(document, 1), problem)

    # Text

    def links(self, document: markdown.Document):
        for line, target in document.links:
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (document.path.parent / name).resolve() if name else document.path
            if not path.exists():
                self.find(self.place(document, line), f"the link '{target}' leads nowhere")
            elif anchor and path.suffix == ".md" and anchor not in markdown.read(path).anchors:
                self.find(self.place(document, line), f"the link '{target}' names no heading")

    def spans(self, document: markdown.Document):
        """Paths, commands and flags between backticks."""
        shown = {word.split("=")[0] for block in document.blocks for word in re.findall(r"--[\w-]+=?", block.text)}
        for line, span in document.spans:
            flag = FLAG_SPAN.match(span)
            if flag and flag[1] not in self.programs.all_flags | shown:
                self.find(self.place(document, line), f"no program has the flag {flag[1]}")
            elif ROOM.match(span):
                if not (self.root / span).exists():
                    self.find(self.place(document, line), f"there is no '{span}'")
            elif INLINE.match(span) and "…" not in span and span not in self.programs.pages:
                self._help(self.place(document, line), span)

    def flags(self, document: markdown.Document):
        """The reference of the command line has the flags of each subcommand, all of them and no others."""
        for name in self.programs.pages:
            if not name.startswith("jostle "):
                continue
            known = self.programs.flags(name) - {"-h", "--help", "--version"}
            section = document.section(name)
            listed = set(re.findall(r"^\| `(--[\w-]+)`", section, re.M))
            told = set(re.findall(r"--[a-z][\w-]*", section))
            for flag in sorted(known - told):
                self.find(self.place(document, 1), f"'{name}' has {flag}, which its section does not tell")
            for flag in sorted(listed - known):
                self.find(self.place(document, 1), f"the section on '{name}' lists {flag}, which it does not have")

    # Code

    def block(self, document: markdown.Document, block: markdown.Block, session: Session):
        place = self.place(document, block.line)
        try:
            if block.language == "json":
                json.loads(block.text)
            elif block.language == "python":
                compile(block.text, place, "exec")
        except (SyntaxError, ValueError) as error:
            self.find(place, f"this is not {block.language}: {error}")
        if block.language == "sh":
            for line, command in grouped(shell.commands(block.text, block.line), block.marker):
                self.command(self.place(document, line), command, block.marker, session)
        elif block.marker is not None:
            self.find(place, "only blocks of sh are marked")
        elif not block.language:
            self.find(place, "a block needs a language: sh is run, text is not")

    def command(self, place: str, command: str, marker: str | None, session: Session):
        """Runs a command, or does what its marker says instead."""
        problem = shell.complaint(command + "\n")
        if problem:
            return self.find(place, f"bash cannot read this: {problem}")
        how, _, rest = (marker or "run").partition(" ")
        if how == "help":
            self._help(place, command)
        elif how == "syntax;" and rest:
            self.treated.append(("syntax", place, f"{command}   ({rest})"))
        elif how == "add" and rest and "\n" not in command:
            self._run(place, f"{command} {rest}", session, "shortened")
        elif marker is not None:
            self.find(place, f"unknown marker '{marker}'; there are help, 'syntax; REASON' and 'add FLAGS'")
        elif self.programs.is_expensive(command):
            self.find(place, f"this takes long: mark it <!-- check: help -->: {command}")
        else:
            self._run(place, command, session, "run")
        return None

    def _help(self, place: str, command: str):
        self.treated.append(("help", place, command))
        for problem in self.programs.complaints(command):
            self.find(place, problem)

    def _run(self, place: str, command: str, session: Session, how: str):
        for problem in self.programs.complaints(command):
            self.find(place, problem)
        if not self.runs:
            return
        began = time.monotonic()
        problem = session.run(command)
        self.treated.append((how, place, f"{command}   ({time.monotonic() - began:.1f} s)"))
        if problem:
            self.find(place, f"{command.splitlines()[0]} … {problem}")

    # Help

    def help_pages(self):
        """Each program's --help, and the examples in it."""
        for name, problem in self.programs.broken.items():
            self.find(f"{name} --help", problem)
        with Session(self.root, self.programs.binary) as session:
            session.add_files_of_examples()
            for name in self.programs.pages:
                for command in self.programs.examples(name):
                    self.example(f"{name} --help", command, session)
            problem = session.stop()
            if problem:
                self.find("--help", problem)

    def example(self, place: str, command: str, session: Session):
        if re.search(r"[\[<…]| [A-Z]{3,}( |$)", command) or self.programs.is_expensive(command):
            self._help(place, command)
        elif shell.programs(command)[0][:2] == ["jostle", "bench"]:
            self._run(place, f"{command} {BENCH}", session, "shortened")
        else:
            self._run(place, command, session, "run")


def grouped(commands: list[tuple[int, str]], marker: str | None) -> list[tuple[int, str]]:
    """Commands that are run by one shell: all but servers, which go on while the next ones run."""
    found: list[tuple[int, str]] = []
    joins = False
    for line, command in commands:
        alone = marker is not None or is_server(command)
        if joins and not alone:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{command}")
        else:
            found.append((line, command))
        joins = not alone
    return found


def orphans(pages: list[markdown.Document]) -> list[pathlib.Path]:
    """Pages that no other page links to; the first is where a reader comes in."""
    linked = {
        (page.path.parent / target.partition("#")[0]).resolve()
        for page in pages for _, target in page.links if not re.match(r"[a-z]+:", target)}
    return [page.path for page in pages[1:] if page.path.resolve() not in linked]
