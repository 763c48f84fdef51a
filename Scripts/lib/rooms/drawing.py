"""docs/rooms.md: a picture of the rooms and a table of what lives in each."""
from functools import cache
from pathlib import Path

from manifest import Target
from sources import Imports, count_lines, source_files

PAGE = """# Rooms: the modules of Jostle

<!-- Scripts/rooms writes this page. To change a description, change the comment above the target in Package.swift. -->

Each folder of `Sources` is one module. An arrow points from a module to one that it imports. Arrows that follow from
others are left out; the table has all imports.

```mermaid
flowchart TD
{picture}
```

The table is in the order of the picture: a module imports only modules below it. Line counts are rounded, so that not
every change makes this page differ. `Scripts/test rooms` fails when it does.

| module | what it contains | imports | packages | files | lines |
|---|---|---|---|---:|---:|
{rows}
"""


class Drawing:
    """The imports between rooms must have no cycle."""

    def __init__(self, root: Path, targets: list[Target], imports: Imports):
        self.root = root
        self.rooms = {target.name: target for target in targets if target.is_room}
        self.below = {name: sorted(imports.of[name].keys() & self.rooms.keys() - {name}) for name in self.rooms}
        products = {name for target in targets for name in target.dependencies} - {target.name for target in targets}
        self.products = {name: sorted(imports.of[name].keys() & products) for name in self.rooms}
        self.reach = cache(self._reach)
        self.level = cache(self._level)

    def page(self) -> str:
        order = sorted(self.rooms, key=lambda name: (-self.level(name), name.lower()))
        return PAGE.format(
            picture="\n".join(line for name in order for line in self._arrows(name)),
            rows="\n".join(self._row(name) for name in order))

    def _reach(self, name: str) -> frozenset[str]:
        """All that a room imports, directly or not."""
        return frozenset(self.below[name]).union(*(self.reach(other) for other in self.below[name]))

    def _level(self, name: str) -> int:
        """0 for a room that imports none; one more than the highest it imports."""
        return 1 + max((self.level(other) for other in self.below[name]), default=-1)

    def _arrows(self, name: str) -> list[str]:
        direct = [
            other for other in self.below[name]
            if not any(other in self.reach(between) for between in self.below[name])]
        is_pointed_at = any(name in others for others in self.below.values())
        return [f"    {name} --> {other}" for other in direct] or ([] if is_pointed_at else [f"    {name}"])

    def _row(self, name: str) -> str:
        room = self.rooms[name]
        files = list(source_files(self.root / room.folder))
        lines = sum(map(count_lines, files))
        cells = [
            f"[`{name}`](../{room.folder})", room.summary.replace("|", "\\|"), ", ".join(self.below[name]) or "—",
            ", ".join(self.products[name]) or "—", str(len(files)), rounded(lines)]
        return "| " + " | ".join(cells) + " |"


def rounded(lines: int) -> str:
    """To the nearest hundred."""
    hundreds = (lines + 50) // 100
    return f"{hundreds * 100:,}" if hundreds else "under 50"
