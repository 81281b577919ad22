"""The services in docs/examples: one Python file each, checked, drawn and replayed."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content.drawing import graph
from bot.content.load import load
from bot.kit.replay.run import Options, everything
from bot.kit.stubs import registry
from bot.kit.stubs.people import load_people

from .kit import CONTENT, ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "docs/examples").glob("*/pyproject.toml"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest) -> Iterator[Path]:
    here: Path = request.param
    (file,) = here.rglob("*.py")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.add()
    yield here
    registry.unregister(here.name)


def laid_over(example: Path, to: Path) -> Path:
    for part in CONTENT:
        shutil.copytree(ROOT / part, to / part)
    shutil.copytree(example / "city", to, dirs_exist_ok=True)
    return to


@pytest.mark.slow
def test_it_is_clean_drawn_and_replayed(example: Path, tmp_path: Path) -> None:
    """Also with one Python file: a second one fails the fixture."""
    shipped = {str(f).partition(": ")[2] for f in load(ROOT).findings}
    root = laid_over(example, tmp_path)
    loaded = load(root)
    assert not [str(f) for f in loaded.findings if str(f).partition(": ")[2] not in shipped]
    assert loaded.content is not None
    load_people(root / "config/stub.yaml")
    for flow in (example / "city/flows").glob("*.yaml"):
        assert graph.mermaid(graph.of_flow(loaded.content, flow.stem, "zh-CN"))
    files = sorted((example / "replays").glob("*.yaml"))
    assert files
    assert [one.text for one in everything(files, Options(root))] == [""] * len(files)
