"""Checks that what the documentation says is so; see Scripts/check-docs --help."""
import argparse
import os
import pathlib
import sys
import time

import checker
import markdown
import self_test
from programs import Programs

ROOT = pathlib.Path(__file__).resolve().parents[3]
#: Told of each way to treat a command that is not to run it as it stands.
WAYS = {
    "shortened": "Run with more flags, so that they end soon",
    "help": "Compared with --help, not run",
    "syntax": "Read by bash -n, not run",
}
LONGEST = 12


def paint(text: str, code: int) -> str:
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    return text if plain else f"\033[{code}m{text}\033[0m"


def heading(text: str):
    print(paint(f"\n== {text}", 1))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--static", action="store_true")
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    return parser.parse_args()


def all_pages() -> list[pathlib.Path]:
    """The page where a reader comes in first."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def report(check: checker.Checker):
    for how, title in WAYS.items():
        rows = [(place, command) for way, place, command in check.treated if way == how]
        if rows:
            heading(f"{title}: {len(rows)}")
            for place, command in rows:
                print(f"  {place:34} {' '.join(command.split())}")
    ran = [row for row in check.treated if row[0] == "run"]
    heading(f"Run as they stand: {len(ran)}")
    for _, place, command in ran:
        print(f"  {place:34} {' '.join(command.split())[:140]}")


def longest(pages: list[markdown.Document]):
    heading("The longest sentences, to be judged")
    rows = [(len(text.split()), page, line, text) for page in pages for line, text in page.sentences]
    for words, page, line, text in sorted(rows, key=lambda row: -row[0])[:LONGEST]:
        print(f"  {words} words, {page.path.relative_to(ROOT)}:{line}  {text}")


def main() -> int:
    arguments = options()
    binary = ROOT / ".build/release/jostle"
    if not binary.exists():
        print("there is no .build/release/jostle; run Scripts/build", file=sys.stderr)
        return 66
    missing = [path for path in arguments.pages if not path.is_file()]
    if missing:
        print(f"there is no {missing[0]}", file=sys.stderr)
        return 66
    programs = Programs(ROOT, binary)
    programs.load()
    if arguments.self_test:
        return self_test.run(ROOT, programs)
    began = time.monotonic()
    pages = [markdown.read(path.resolve()) for path in arguments.pages or all_pages()]
    check = checker.Checker(ROOT, programs, runs=not arguments.static)
    for page in pages:
        print(f"{page.path.relative_to(ROOT)} …", file=sys.stderr)
        check.page(page)
        if page.path.name == "command-line.md":
            check.flags(page)
    if not arguments.pages:
        for path in sorted([ROOT / "CHANGELOG.md", *ROOT.glob("*/README.md"), *ROOT.glob("Models/*/README.md")]):
            check.links(markdown.read(path))
        for path in checker.orphans(pages):
            check.find(str(path.relative_to(ROOT)), "no other page links to this one")
        print("--help …", file=sys.stderr)
        check.help_pages()
    report(check)
    longest(pages)
    heading(f"Findings: {len(check.findings)}, after {time.monotonic() - began:.0f} s")
    for finding in check.findings:
        print(paint(f"  {finding.place}: {finding.message}", 31))
    return 1 if check.findings else 0


if __name__ == "__main__":
    sys.exit(main())
