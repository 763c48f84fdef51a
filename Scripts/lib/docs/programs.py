"""The programs of this repository, and what their --help says."""
import os
import pathlib
import re
import subprocess
from functools import cached_property

import shell

HELP_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
EXAMPLE = re.compile(r"^\s+(?:[A-Z_]+=\S+ )*(?:jostle|Scripts/[\w/-]+)(?: |$)")
#: Each takes minutes, needs the network, or changes the repository: never run here, only compared with its --help.
EXPENSIVE = re.compile(r"Scripts/(test|format|fuzz|train-model|models|parity|bench-\w+|check-\w+|fixtures/[\w-]+)$")
#: Their other options are those of another program.
PASSES_ON = {"Scripts/serve": "jostle serve"}


class Programs:
    """Help pages by program, such as `Scripts/probe` and `jostle serve`."""

    def __init__(self, root: pathlib.Path, binary: pathlib.Path):
        self.root = root
        self.binary = binary
        self.pages: dict[str, str] = {}
        #: Programs whose --help failed, and how.
        self.broken: dict[str, str] = {}

    def load(self):
        scripts = self.root / "Scripts"
        for path in sorted([*scripts.iterdir(), *(scripts / "fixtures").iterdir()]):
            if path.is_file() and os.access(path, os.X_OK):
                self._ask(str(path.relative_to(self.root)), [str(path)])
        self._ask("jostle", [str(self.binary)])
        listed = self.pages.get("jostle", "").partition("SUBCOMMANDS:")[2]
        for name in re.findall(r"^  (\w+) ", listed, re.M):
            self._ask(f"jostle {name}", [str(self.binary), name])

    def _ask(self, name: str, command: list[str]):
        environment = {**os.environ, "COLUMNS": "200"}
        try:
            result = subprocess.run(
                [*command, "--help"], capture_output=True, text=True, timeout=300, env=environment,
                stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.broken[name] = str(error)
            return
        if result.returncode != 0 or "usage" not in result.stdout.lower():
            last = (result.stderr.strip() or result.stdout.strip() or "it prints nothing").splitlines()[-1]
            self.broken[name] = f"exit status {result.returncode}: {last}"
        self.pages[name] = result.stdout

    def name(self, words: list[str]) -> str | None:
        """Which of the programs the words call."""
        if words[0] == "jostle":
            return f"jostle {words[1]}" if len(words) > 1 and not words[1].startswith("-") else "jostle"
        return words[0] if words[0].startswith("Scripts/") else None

    def flags(self, name: str) -> set[str]:
        found = set(HELP_FLAG.findall(self.pages.get(name, "")))
        return found | self.flags(PASSES_ON[name]) if name in PASSES_ON else found

    @cached_property
    def all_flags(self) -> set[str]:
        return {flag for name in self.pages for flag in self.flags(name)}

    def complaints(self, command: str) -> list[str]:
        """Programs that there are not, and flags that their --help does not have."""
        found = []
        for words in shell.programs(command):
            name = self.name(words)
            if name is None:
                continue
            if name not in self.pages:
                found.append(f"there is no program '{name}'")
            else:
                known = self.flags(name)
                found += [f"{name} --help has no {flag}" for flag in shell.flags(words) if flag not in known]
        return found

    def is_expensive(self, command: str) -> bool:
        return any(EXPENSIVE.match(words[0]) and not {"--help", "-h"} & set(words) for words in shell.programs(command))

    def examples(self, name: str) -> list[str]:
        """The commands that a help page shows, without what is said beside them."""
        found = []
        for line in self.pages[name].splitlines():
            if EXAMPLE.match(line):
                command = re.split(r"\s{2,}", line.strip())[0]
                found.append(command)
        return found
