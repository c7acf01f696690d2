"""The map of the house, `Sources/README.md`, is true."""

import re

import tree

MAP = tree.SOURCES / "README.md"


def folders() -> set[str]:
    """Targets and their folders, as paths below Sources."""
    found = set()
    for path in tree.tracked("Sources"):
        folder = path.parent
        while folder != tree.SOURCES:
            found.add(str(folder.relative_to(tree.SOURCES)))
            folder = folder.parent
    return found


def test_every_target_and_folder_is_on_the_map():
    text = MAP.read_text()

    def drawn(folder: str) -> bool:
        return re.search(rf"`(?:\S*/)?{re.escape(folder)}/?`", text) is not None

    missing = [folder for folder in sorted(folders()) if not drawn(folder)]
    assert not missing


def test_what_the_map_names_exists():
    text = MAP.read_text()
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    spelled = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:swift|h|md))`", text)
    files = {path.name for path in tree.tracked()}
    gone = [link for link in linked if not (tree.SOURCES / link).exists()]
    gone += [name for name in spelled if not (tree.SOURCES / name).exists() and name not in files]
    assert not gone
