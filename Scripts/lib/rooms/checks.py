"""What may be wrong with the rooms of a package, one line each."""
from collections.abc import Iterator
from pathlib import Path

from manifest import Target
from sources import Imports


def problems(root: Path, targets: list[Target], imports: Imports) -> Iterator[str]:
    own = {target.name for target in targets}
    outside = {name for target in targets for name in target.dependencies} - own
    for target in targets:
        declared, imported = set(target.dependencies), imports.of[target.name]
        for name in sorted(declared - imported.keys()):
            yield f"{target.name} declares {name} in Package.swift, but no file in {target.folder} imports it"
        for name in sorted((imported.keys() & (own | outside)) - declared - {target.name}):
            yield f"{target.name} imports {name} ({imported[name]}), but Package.swift does not declare it"
        if target.is_room and not target.comment:
            yield f"{target.name} has no comment above its target in Package.swift"
        if not (root / target.folder).is_dir():
            yield f"{target.name} has no folder {target.folder}"
    folders = {target.folder for target in targets}
    for path in sorted((root / "Sources").iterdir()):
        if path.is_dir() and not path.name.startswith(".") and f"Sources/{path.name}" not in folders:
            yield f"Sources/{path.name} belongs to no target in Package.swift"


def cycle(targets: list[Target], imports: Imports) -> list[str]:
    """Names of targets that import each other in a circle, the first one again at the end; empty where none do."""
    own = {target.name for target in targets}
    below = {
        target.name: sorted((set(target.dependencies) | imports.of[target.name].keys()) & own - {target.name})
        for target in targets}
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return []
        for other in below[name]:
            if found := visit(other, path + [name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(below) if (found := visit(name, []))), [])
