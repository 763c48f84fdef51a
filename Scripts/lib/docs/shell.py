"""Shell text: cut into whole commands, and those into programs with their words."""
import re
import shlex
import subprocess

KEYWORDS = {"do", "then", "else", "elif", "if", "while", "until", "!", "time", "{", "("}
ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
FLAG = re.compile(r"^--?[A-Za-z][\w-]*$")


def complaint(text: str) -> str:
    """What `bash -n` says of it; nothing where it is whole."""
    return subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True).stderr.strip()


def commands(block: str, line: int) -> list[tuple[int, str]]:
    """The block's commands with their lines: as many lines to each as bash needs."""
    found: list[tuple[int, str]] = []
    pending: list[str] = []
    start = line
    for number, text in enumerate(block.splitlines(), line + 1):
        if not pending:
            if not text.strip() or text.lstrip().startswith("#"):
                continue
            start = number
        pending.append(text)
        whole = "\n".join(pending) + "\n"
        if not text.endswith("\\") and not complaint(whole):
            found.append((start, whole.rstrip("\n")))
            pending = []
    if pending:
        found.append((start, "\n".join(pending)))
    return found


def programs(command: str) -> list[list[str]]:
    """The simple commands of a command, each as its words, without assignments and redirections."""
    text = re.sub(r"<<-?\s*'?(\w+)'?.*?\n\1\b", "", command, flags=re.S)
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="|&;<>()\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = "#"
    found: list[list[str]] = [[]]
    skips_next = False
    for token in lexer:
        if re.fullmatch(r"[|&;()\n]+", token):
            found.append([])
        elif re.fullmatch(r"[<>&|]+", token):
            skips_next = True
        elif skips_next:
            skips_next = False
        elif found[-1] or not (token in KEYWORDS or ASSIGNMENT.match(token)):
            found[-1].append(token)
    return [words for words in found if words]


def flags(words: list[str]) -> list[str]:
    """The flags among a program's words, without values after `=`."""
    return [name for name in (word.split("=")[0] for word in words[1:]) if FLAG.match(name)]
