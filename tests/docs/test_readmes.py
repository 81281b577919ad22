"""The readmes are true to the tree, the settings and the commands, and both say the same things."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from drill.count import Figures

from bot.account.live_menu import Published
from bot.cli import main
from bot.cli.wiring import Wiring
from bot.content.load import load
from bot.content.read.menu import to_wechat
from bot.settings import REQUIRED, SECRET, Settings

from .kit import DOCUMENTS, PAIRS, READMES, ROOT, blocks, code, marked, passages, read, table

FIRST = {"README.md": ("setting", "service"), "README.zh-CN.md": ("设置", "事项")}


def rooms(name: str) -> set[str]:
    """The paths of the tree that a readme draws; every line but a directory's own has words beside it."""
    found: set[str] = set()
    above = ""
    for line in blocks(name, "tree")[0].splitlines():
        word, *words = line.split(maxsplit=1)
        assert words or word.endswith("/"), line
        if not line.startswith(" "):
            above = word
        found.add(above + word if line.startswith(" ") else word)
    return found


@pytest.mark.parametrize("name", READMES)
def test_the_tree_names_what_there_is(name: str) -> None:
    missing = [path for path in rooms(name) if not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("name", READMES)
def test_every_room_is_in_the_tree(name: str) -> None:
    there = {f"config/{p.name}" for p in (ROOT / "config").iterdir()}
    for path in (ROOT / "bot").iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            there.add(f"bot/{path.name}")
        elif (path / "__init__.py").exists():
            there.add(f"bot/{path.name}/")
    assert not there - rooms(name)


@pytest.mark.parametrize("name", READMES)
def test_each_setting_has_a_row_with_its_default(name: str) -> None:
    rows = {marked(row[0])[0]: row[1] for row in table(name, FIRST[name][0])}
    assert set(rows) == {f.name for f in fields(Settings)}
    for f in fields(Settings):
        cell = rows[f.name]
        if f.name in SECRET:
            assert cell.startswith(("secret", "密钥"))
            assert ("required" in cell or "必填" in cell) == (f.name in REQUIRED)
        else:
            assert marked(cell) == ([str(f.default)] if str(f.default) else [])


@pytest.mark.parametrize("name", READMES)
def test_each_flow_has_its_place_among_the_services(name: str) -> None:
    shown = {n for row in table(name, FIRST[name][1]) for n in marked(row[1]) if "/" not in n}
    assert shown == {p.stem for p in (ROOT / "flows").glob("*.yaml")} - {"pages"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_targets_and_links_exist(name: str) -> None:
    text = read(name)
    targets = set(re.findall(r"(?m)^([a-z]+):", read("Makefile")))
    assert set(re.findall(r"make ([a-z]+)(?=`|\s+#)", text)) <= targets
    here = (ROOT / name).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert not [link for link in links if not (here / link).exists()]


def unknown(words: list[str]) -> list[str]:
    """What of a line of the shell, after `shebao`, is neither a command, nor an option of it."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return words[:1]
        command, *words = command.commands[words[0]], *words[1:]
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    return [word for word in words if word.startswith("-") and word not in options]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_have_the_options_that_are_named(name: str) -> None:
    lines = [line.partition(" #")[0] for line in code(name)]
    used = [m[1].split() for line in lines if (m := re.match(r"(?:\S*bin/)?shebao ((?:[a-z]|--).*)", line))]
    wrong = [" ".join(words) for words in used if unknown(words)]
    assert not wrong


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_that_are_named_exist(name: str) -> None:
    known = {f"SHEBAO_{f.name.upper()}" for f in fields(Settings)}
    assert set(re.findall(r"SHEBAO_[A-Z_]+[A-Z]\b", read(name))) <= known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_section_leads_to_one(name: str) -> None:
    for file, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", read(name)):
        there = (ROOT / name).parent / file if file else ROOT / name
        headings = re.findall(r"(?m)^#+ (.*)", re.sub(r"(?ms)^```.*?^```$", "", there.read_text("utf-8")))
        assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, (
            file,
            anchor,
        )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_spoken_of_exist(name: str) -> None:
    made_by_running = {"var/demo.env", "var/metrics/", "var/fuzz/", "config/city.yaml", "config/origin.yaml"}
    examples = set(re.findall(r"# file: (\S+)", read(name)))
    paths = re.findall(r"`((?:bot|docs|config|flows|messages|tests|var)/[\w./-]+)`", read(name))
    assert not [p for p in paths if p not in made_by_running | examples and not (ROOT / p).exists()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_and_what_stands_in_them_exist(name: str) -> None:
    """`name` of `bot/file.py`, and `bot.module`."""
    text = re.sub(r"\s+", " ", read(name))
    for what, path in re.findall(r"`(\w+)` (?:of|in) `(bot/[\w/]+\.py)`", text):
        assert re.search(rf"\b{what}\b", read(path)), (what, path)
    modules = [m.replace(".", "/") for m in re.findall(r"`(bot(?:\.[a-z_]+)+)`", text)]
    assert not [m for m in modules if not (ROOT / m).exists() and not (ROOT / f"{m}.py").exists()]


PLACEHOLDERS = {"flow.text", "flow.slot.ask", "page.name", "common.name"}
"""What stands for something of the reader's own, and is another word in Chinese."""


def terms(codes: list[str]) -> set[str]:
    """What of them is written alike in either language: single words, options and settings."""
    words = {c for c in codes if re.fullmatch(r"(?:shebao )?[a-z][\w.-]*", c, re.ASCII) and c[-3:] != ".md"}
    words -= PLACEHOLDERS
    return words.union(*(re.findall(r"(?<!\S)--[a-z-]+|SHEBAO_[A-Z_]+", c) for c in codes))


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_languages_name_the_same(english: str, chinese: str) -> None:
    """Passage by passage; of the reference tests/docs/test_flow_language.py asks for more."""
    if english == "docs/flow-language.md":
        return
    one, other = passages(english), passages(chinese)
    assert len(one) == len(other)
    differ = [(a, b) for a, b in zip(one, other, strict=True) if a[0] != b[0] or terms(a[1]) != terms(b[1])]
    assert not differ


def test_both_readmes_have_the_same_examples_commands_and_sections() -> None:
    first, second = READMES
    assert blocks(first, "yaml") == blocks(second, "yaml")
    assert [re.sub(r"#.*", "#", b) for b in blocks(first, "sh")] == [
        re.sub(r"#.*", "#", b) for b in blocks(second, "sh")
    ]
    levels = [re.findall(r"(?m)^(##+) ", re.sub(r"(?ms)^```.*?^```$", "", read(n))) for n in READMES]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_says_how_to_begin(name: str) -> None:
    top = "\n".join(read(name).splitlines()[:16])
    assert "make run" in top
    assert ".venv/bin/shebao chat" in top


def test_the_menu_command_prints_what_wechat_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    block = next(b for b in blocks("README.md", "sh") if "menu publish --dry-run" in b)
    monkeypatch.chdir(ROOT)
    wiring = Wiring(menu=lambda: None, published=lambda: Published("", ()))
    for line in block.splitlines():
        words = line.partition("#")[0].split()[1:]
        made = CliRunner().invoke(main, words, obj=wiring)
        if "--dry-run" in words:
            assert json.loads(made.stdout) == to_wechat(load(ROOT).menu)
        else:
            assert "SHEBAO_WECHAT_APP_SECRET" in made.output  # there is no account here


def test_no_command_takes_the_name_of_another() -> None:
    files = [path.stem for path in (ROOT / "bot" / "cli").glob("*.py") if not path.stem.startswith("__")]
    known = [one for name in files for one in vars(import_module(f"bot.cli.{name}")).values()]
    made = [one for one in known if isinstance(one, click.Command)]
    groups = [main, *(one for one in made if isinstance(one, click.Group))]
    reached = [one for group in groups for one in group.commands.values()]
    assert [one.name for one in made if one not in reached] == []


def test_architecture_names_every_kind_of_key() -> None:
    """The kinds of key that the store's source writes, under a resident's shard or without one."""
    source = "".join(p.read_text() for p in (ROOT / "bot" / "store").glob("*.py"))
    kinds = set(re.findall(r"""\.key\(\s*"(\w+)\"""", source))
    kinds |= {
        k for group in re.findall(r"for kind in \(([^)]+)\)", source) for k in re.findall(r'"(\w+)"', group)
    }
    kinds |= set(re.findall(r"(?:\}\}|\{prefix\}):(\w+)", source))
    shown = [key for row in table("docs/architecture.md", "key") for key in marked(row[0])]
    assert {f"sb:<s>:{kind}" for kind in kinds} <= {":".join(s.split(":")[:3]) for s in shown}
    rooms = [p for p in (ROOT / "bot").rglob("*.py") if "kit" not in p.parts]
    source = "".join(p.read_text() for p in rooms)
    others = set(re.findall(r'"((?:sb|page|console|wechat):[a-z][a-z-]*)', source))
    others |= {f"page:{kind}" for kind in re.findall(r'Sealed\([^)]*"(\w+)"', source)}
    assert others <= {":".join(s.split(":")[:2]) for s in shown}


def test_architecture_gives_the_order_of_imports() -> None:
    """As `make check` holds the rooms to it."""
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    rooms = next(c["layers"] for c in contracts if c["containers"] == ["bot"])
    rooms[0] = rooms[0].partition(" ")[0]  # the other two only start it
    assert " → ".join(rooms).replace(" |", ",") in marked(read("docs/architecture.md"))


def test_durability_claims_what_the_drill_counts() -> None:
    claimed = [row[0] for row in table("docs/durability.md", "figure, always 0")]
    assert claimed == list(Figures().zeros)


def test_no_document_holds_a_machine_path_or_a_real_secret() -> None:
    for name in DOCUMENTS:
        assert not re.search(r"/home/|/work/|/Users/|/tmp/", read(name)), name
    assert Path(ROOT / "LICENSE").read_text().startswith("MIT License")
