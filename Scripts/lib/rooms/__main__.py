"""Draws docs/rooms.md: which module imports which, what each contains, and how large it is.

Imports are read from the `import` lines of Sources and Tests (`#include` in C), declared dependencies from
Package.swift. The description of a module is the first sentence of the comment directly above its target in
Package.swift, and is written nowhere else. Needs neither a build nor a network, only Python 3.9.

The status is 1, with one line for each problem, when
  - a target declares a dependency that none of its files imports
  - a file imports a module of this package, or of one it depends on, that its target does not declare
  - modules import each other in a circle
  - a target in Sources has no comment, or a folder in Sources has no target
  - with --check: docs/rooms.md is not what would be drawn

The largest folders and files are printed too. Judge them: they never make it fail.
"""
import argparse
import sys
from pathlib import Path

import sizes
from checks import cycle, problems
from drawing import Drawing
from manifest import ManifestError, read_targets
from sources import Imports

PAGE = "docs/rooms.md"


def main() -> int:
    options = parse_options()
    root = options.package
    targets = read_targets((root / "Package.swift").read_text(encoding="utf-8"))
    imports = Imports(root, targets)
    found = list(problems(root, targets, imports))
    if circle := cycle(targets, imports):
        found.append("modules import each other in a circle: " + " → ".join(circle))
    else:
        found += draw(root / PAGE, Drawing(root, targets, imports).page(), options.check)
    print(sizes.report(root))
    for problem in found:
        print(f"Scripts/rooms: {problem}", file=sys.stderr)
    return 1 if found else 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="Scripts/rooms", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help=f"do not write {PAGE}; report whether it is up to date")
    parser.add_argument(
        "--package", type=Path, default=Path(__file__).resolve().parents[3], metavar="FOLDER",
        help="the package to read (default: the one that this script belongs to)")
    options = parser.parse_args()
    if not (options.package / "Package.swift").is_file():
        parser.error(f"there is no Package.swift in {options.package}")
    return options


def draw(path: Path, page: str, is_check: bool) -> list[str]:
    """Problems with the page that is there."""
    if is_check:
        is_same = path.is_file() and path.read_text(encoding="utf-8") == page
        return [] if is_same else [f"{PAGE} is out of date; run Scripts/rooms and commit the result"]
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return []


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ManifestError as error:
        sys.exit(f"Scripts/rooms: {error}")
