"""Shows that check-docs finds what is wrong: a page with every kind of fault, and one with none."""
import pathlib
import sys
import tempfile

import markdown
from checker import Checker
from programs import Programs

GOOD = """# A page

[Here](#a-page), [there](other.md#two-words), `Scripts/serve --tenants 8`, `--numerics blas`.

```sh
jostle serve --tenants 1
```

```sh
# A comment.
for name in a b; do
  echo "$name" \\
    | grep -q .
done
curl -s http://127.0.0.1:8080/health
```

<!-- check: help -->
```sh
Scripts/test format
```

<!-- check: add --models Models -->
```sh
jostle models
```

```json
{"one": 1}
```
"""

#: The faults of a page, and words of the finding that each has to make.
FAULTS = [
    ("[broken](nowhere.md)", "the link 'nowhere.md' leads nowhere"),
    ("[broken](other.md#nothing)", "the link 'other.md#nothing' names no heading"),
    ("`Sources/Nothing.swift`", "there is no 'Sources/Nothing.swift'"),
    ("`Scripts/probe --nonsense`", "Scripts/probe --help has no --nonsense"),
    ("`Scripts/nothing --help`", "there is no program 'Scripts/nothing'"),
    ("`--no-such-flag`", "no program has the flag --no-such-flag"),
    ("```sh\nfalse\n```", "false … exit status 1"),
    ("```sh\ntrue\nfalse\ntrue\n```", "failed: false"),
    ("```sh\nfalse | cat\n```", "false | cat … exit status 1"),
    ("```sh\ntrue\n```\n\n```sh\nunset HOME\necho $HOME\n```", "HOME: unbound variable"),
    ("`curl -s http://127.0.0.1:8080/nothing`", "exit status 22"),
    ("```sh\ncurl -s http://127.0.0.1:8080/v1/nothing\n```", "exit status 22"),
    ("```sh\njostle serve --isolation nonsense\n```", "the server did not start (exit status 64)"),
    ("```sh\njostle models --nonsense\n```", "jostle models --help has no --nonsense"),
    ("<!-- check: help -->\n```sh\nScripts/bench-modes --nonsense\n```", "Scripts/bench-modes --help has no --nonsense"),
    ("```sh\nScripts/test\n```", "this takes long"),
    ("<!-- check: later -->\n```sh\ntrue\n```", "unknown marker 'later'"),
    ("```sh\necho 'no end\n```", "bash cannot read this"),
    ("```json\n{\"one\": }\n```", "this is not json"),
    ("```python\ndef\n```", "this is not python"),
    ("```\nwhat is this?\n```", "a block needs a language"),
]


def findings(text: str, root: pathlib.Path, programs: Programs) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="jostle-self-test-") as name:
        folder = pathlib.Path(name)
        (folder / "other.md").write_text("# Other\n\n## Two words\n")
        page = folder / "page.md"
        page.write_text(text)
        check = Checker(root, programs, base=folder)
        check.page(markdown.read(page))
        return [finding.message for finding in check.findings]


def run(root: pathlib.Path, programs: Programs) -> int:
    wrong = [f"a good page has a finding: {message}" for message in findings(GOOD, root, programs)]
    for fault, expected in FAULTS:
        found = findings(f"# A page\n\n{fault}\n", root, programs)
        if len([message for message in found if expected in message]) != 1:
            wrong.append(f"not found: {fault!r}; instead: {found}")
    for message in wrong:
        print(message, file=sys.stderr)
    if not wrong:
        print(f"{len(FAULTS)} faults found, and none in a good page")
    return 1 if wrong else 0
