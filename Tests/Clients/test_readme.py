"""What the README points a newcomer to is there."""

import re

from running_server import ROOT


def section(title: str) -> str:
    """The text of a section of README.md, up to the next heading."""
    readme = (ROOT / "README.md").read_text()
    return readme.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_path_under_read_in_this_order_exists():
    links = re.findall(r"\[`?([^\]`]+)`?\]\(([^)#]+)[^)]*\)", section("Read in this order"))
    sources = [path for _, path in links if path.startswith("Sources/")]
    assert len(sources) >= 3, "the section lists no sources"
    missing = [path for _, path in links if "://" not in path and not (ROOT / path).exists()]
    assert missing == []
    # The text of a link is the end of its path: a moved file changes both.
    assert [path for text, path in links if path in sources and not path.endswith(text)] == []
