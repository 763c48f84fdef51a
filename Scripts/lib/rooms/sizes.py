"""The largest folders and files: for a person to judge."""
from collections import Counter
from pathlib import Path

from sources import count_lines, source_files

SHOWN = 8


def report(root: Path) -> str:
    files = [path.relative_to(root) for place in ("Sources", "Tests", "Scripts") for path in source_files(root / place)]
    folders = Counter(path.parent for path in files)
    lengths = {path: count_lines(root / path) for path in files}
    return "\n".join([
        "Largest folders, by source files directly in them:", *table(folders),
        "Largest files, by lines:", *table(lengths)])


def table(sizes: dict[Path, int]) -> list[str]:
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return [f"{size:6}  {path}" for path, size in largest]
