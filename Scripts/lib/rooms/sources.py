"""The source files of a package and what they import."""
import os
import re
from collections.abc import Iterator
from pathlib import Path

from manifest import Target

SWIFT_NOT_CODE = re.compile(r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
SWIFT_IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)", re.MULTILINE)
C_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
# Headers of the C library and of POSIX say nothing about the library whose shim includes them too.
STANDARD_HEADERS = set(
    "assert ctype dlfcn errno fcntl float inttypes limits locale math pthread sched signal stdarg stdatomic stdbool "
    "stddef stdint stdio stdlib string time unistd wchar".split())


def source_files(folder: Path) -> Iterator[Path]:
    """Swift, C, Python and shell files, those with a shebang included; hidden folders are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix in (".swift", ".c", ".h", ".py", ".sh") or not path.suffix and has_shebang(path):
                yield path


def has_shebang(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def count_lines(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(1 for _ in file)


class Imports:
    """For each target the modules that its files import, with the place of the first import of each."""

    def __init__(self, root: Path, targets: list[Target]):
        self.root = root
        self.headers = {target.name: headers_of(root, target) for target in targets}
        self.of = {target.name: self._imports(target) for target in targets}

    def _imports(self, target: Target) -> dict[str, str]:
        found: dict[str, str] = {}
        if target.kind == "systemLibrary":
            return found
        for path in source_files(self.root / target.folder):
            text = path.read_text(encoding="utf-8", errors="replace")
            modules = self._c_imports(text, target) if path.suffix in (".c", ".h") else swift_imports(text)
            for module, line in modules:
                found.setdefault(module, f"{path.relative_to(self.root)}:{line}")
        return found

    def _c_imports(self, text: str, target: Target) -> Iterator[tuple[str, int]]:
        for match in C_INCLUDE.finditer(text):
            header = re.sub(r"^(\.\./)+", "", match[1])
            if header not in self.headers[target.name]:
                for other, headers in self.headers.items():
                    if header in headers:
                        yield other, line_of(text, match)


def swift_imports(text: str) -> Iterator[tuple[str, int]]:
    """Modules and lines. What stands in a comment or a string is no import."""
    code = SWIFT_NOT_CODE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in SWIFT_IMPORT.finditer(code):
        yield match[1], line_of(code, match)


def line_of(text: str, match: re.Match) -> int:
    return text.count("\n", 0, match.start(1)) + 1


def headers_of(root: Path, target: Target) -> set[str]:
    """As C files name them, from any folder: a target's own headers, and those a system library's shim includes."""
    folder = root / target.folder
    headers: set[str] = set()
    for path in source_files(folder):
        if path.suffix != ".h":
            continue
        if target.kind == "systemLibrary":
            included = C_INCLUDE.findall(path.read_text(encoding="utf-8"))
            headers |= {name for name in included if not is_standard(name)}
        else:
            parts = path.relative_to(folder).parts
            headers |= {"/".join(parts[start:]) for start in range(len(parts))}
    return headers


def is_standard(header: str) -> bool:
    return header.startswith("sys/") or header.removesuffix(".h") in STANDARD_HEADERS
