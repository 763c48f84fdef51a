"""The targets that Package.swift declares, read as text: no toolchain, no build, no lock."""
import re
from dataclasses import dataclass, field

KINDS = ("target", "executableTarget", "testTarget", "systemLibrary")
TOKEN = re.compile(
    r'(?P<comment>//[^\n]*)|(?P<blank>[ \t]*\n[ \t]*\n\s*)|(?P<space>\s+)|"(?P<text>(?:[^"\\\n]|\\.)*)"|(?P<word>\w+)'
    r"|(?P<mark>.)", re.DOTALL)


class ManifestError(Exception):
    """Something in Package.swift that this reader does not know."""


class Text(str):
    """A string literal."""


class Word(str):
    """A name: of a label, a function or a variable."""


@dataclass
class Call:
    name: Word
    arguments: list[tuple[str, list]]

    def value(self, label: str):
        """The single literal or list at a label; None where there is no such label."""
        for name, parts in self.arguments:
            if name == label:
                return parts[0] if len(parts) == 1 else None
        return None


@dataclass
class Target:
    name: str
    kind: str
    folder: str
    dependencies: list[str] = field(default_factory=list)
    comment: str = ""

    @property
    def is_room(self) -> bool:
        return self.folder.startswith("Sources/")

    @property
    def summary(self) -> str:
        """The first sentence of the comment."""
        return re.split(r"(?<=[.!?]) ", self.comment)[0].rstrip(".")


def read_targets(manifest: str) -> list[Target]:
    tokens = [match for match in TOKEN.finditer(manifest) if match.lastgroup != "space"]
    targets, comment, index = [], [], 0
    while index < len(tokens):
        token = tokens[index]
        if token.lastgroup == "comment":
            is_alone = not manifest[:token.start()].rpartition("\n")[2].strip()
            comment = comment + [token["comment"].lstrip("/ ")] if is_alone else []
        elif token["mark"] == "." and is_target(tokens, index + 1):
            line = manifest.count("\n", 0, token.start()) + 1
            call = Call(Word(tokens[index + 1]["word"]), [])
            call.arguments, index = read_arguments(tokens, index + 3)
            targets.append(make_target(call, " ".join(comment), line))
            comment = []
            continue
        else:
            comment = []
        index += 1
    return targets


def is_target(tokens: list[re.Match], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index]["word"] in KINDS and tokens[index + 1]["mark"] == "("


def read_arguments(tokens: list[re.Match], index: int) -> tuple[list[tuple[str, list]], int]:
    """What stands between brackets, as (label, parts), and the index behind the closing bracket."""
    found, label, parts = [], "", []
    while index < len(tokens):
        token = tokens[index]
        index += 1
        mark = token["mark"]
        if mark and mark in ")]":
            return found + ([(label, parts)] if parts else []), index
        if mark == ",":
            found.append((label, parts))
            label, parts = "", []
        elif mark == ":":
            label = parts.pop() if parts else ""
        elif mark and mark in "([":
            inner, index = read_arguments(tokens, index)
            if mark == "(" and parts and isinstance(parts[-1], Word):
                parts[-1] = Call(parts[-1], inner)
            else:
                parts.append([part for _, values in inner for part in values])
        elif token["text"] is not None:
            parts.append(Text(token["text"]))
        elif token["word"]:
            parts.append(Word(token["word"]))
    raise ManifestError("Package.swift: a bracket is never closed")


def make_target(call: Call, comment: str, line: int) -> Target:
    name = call.value("name")
    if not isinstance(name, Text):
        raise ManifestError(f"Package.swift:{line}: the name of this target is not a string literal")
    dependencies = []
    for label, parts in call.arguments:
        if label == "dependencies":
            dependencies = [dependency for part in parts for dependency in dependency_names(part, line)]
    path = call.value("path")
    home = "Tests" if call.name == "testTarget" else "Sources"
    folder = str(path) if isinstance(path, Text) else f"{home}/{name}"
    return Target(str(name), str(call.name), folder.rstrip("/"), dependencies, comment)


def dependency_names(part, line: int) -> list[str]:
    """Of `["A", .product(name: "B", package: "c")]`: A and B."""
    if not isinstance(part, list):
        raise ManifestError(f"Package.swift:{line}: the dependencies of this target are not a list of literals")
    names = [item.value("name") if isinstance(item, Call) else item for item in part]
    if not all(isinstance(name, Text) for name in names):
        raise ManifestError(f"Package.swift:{line}: a dependency of this target is not a literal")
    return [str(name) for name in names]
