"""Coverage, fuzzing, recording, mutants and HTTP."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.engine import flow as f
from bot.engine.events import Event, MenuClicked, TextReceived
from bot.engine.session import Session
from bot.ports import Request, Result
from bot.replay import mutations
from bot.replay.commands import main
from bot.replay.coverage import measure
from bot.replay.fakes import Fakes
from bot.replay.fuzz import Case, Found, Fuzzer, again
from bot.replay.recorder import Recorder
from bot.replay.report import side_by_side
from bot.replay.run import Options, files, one
from bot.replay.shrink import shrink
from bot.replay.stage import Stage
from bot.replay.wire import over_http
from bot.replay.written import as_conversation
from bot.services.identity import check_character

from .kit import ROOT, stage, written

SAMPLES = Path(os.environ.get("SHEBAO_SAMPLES") or ROOT.parent / "shared" / "facts" / "wechat-samples")


@pytest.mark.slow
def test_the_shipped_replays_reach_every_step_and_outcome_in_both_languages() -> None:
    for ending in ("", ".en"):
        paths = [
            p for p in files([ROOT / "tests" / "replays"]) if p.name.endswith(".en.yaml") == bool(ending)
        ]
        found = measure(paths, Options(ROOT))
        missed = [str(m) for m in found.missed if m.kind in ("step", "outcome")]
        assert not missed, ending or "zh-CN"


def test_what_is_not_reached_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, "turns:\n  - {say: 你好, expect: ~您好}\n")
    missed = {m.name: m for m in measure([path], Options(ROOT)).missed}
    step = missed["report_loss.submit"]
    line = (ROOT / step.file).read_text("utf-8").splitlines()[step.line - 1]
    assert line.strip() == "submit:"


def test_fuzzing_is_repeatable_and_shrinks() -> None:
    first, second = (Fuzzer(stage(), 7) for _ in range(2))
    assert [str(f) for f in first.run(300)] == [str(f) for f in second.run(300)]


def test_a_text_that_tells_the_id_number_is_found_and_shrunk() -> None:
    leak = f.Text((f.Variant((), ("您的号码是", f.Place("policy.told"))),))
    path = ("languages", "zh-CN", "flows", "sign_in", "slots", "name", "ask")
    content = mutations.put(stage().content, path, leak)
    content = mutations.put(content, ("policy", "told"), {"value": "660101198001010018"})
    broken = replace(stage(), content=content)
    fuzzer = Fuzzer(broken, 1)
    turns = ("挂失停用", "同意，继续"), "{id_number}"
    case = Case(1, "张三", "zh-CN", ({"real_name.check": "unavailable"},), (
        {"say": "你好"}, {"tap": turns[0][0]}, {"wait": "5s"}, {"tap": turns[0][1]}, {"say": turns[1]},
    ))  # fmt: skip
    trouble = again(broken, fuzzer.oracle, case)
    assert trouble is not None
    assert trouble.kind == "in-clear"
    small = shrink(broken, fuzzer.oracle, Found(trouble, case))
    assert [next(iter(t.values())) for t in small.case.turns] == ["挂失停用", "同意，继续", "{id_number}"]
    assert not small.case.services


def test_fakes_are_consistent_and_have_right_checksums() -> None:
    fakes = Fakes(1)
    real = "660101198001010018"
    made = fakes.value("id_number", real)
    assert made != real
    assert check_character(made[:17]) == made[17]
    assert fakes.text(f"我的号码是{real}，电话13812345678").startswith(f"我的号码是{made}，电话139")
    assert "13812345678" not in fakes.text("13812345678")
    assert fakes.value("name", "张三") != "张三"
    assert "张三" not in fakes.text("我叫张三")


class _Said:
    """A live conversation: the world stands for the service that is recorded."""

    def __init__(self, begins: str = "") -> None:
        self.stage = Stage(stage(), as_conversation({"turns": [{"say": "-"}]}))
        self.stage.world.serial = begins
        self.at = 1_800_000_000
        self.recorder: Recorder | None = None
        self.count = 0

    def record(self) -> Recorder:
        self.recorder = Recorder(stage(), self.session())
        inner = self.stage.world.answers.perform

        class Ports:
            def perform(self, request: Request) -> Result:
                return inner(request)

            def find(self, action: str, key: str) -> Result | None:
                return None

        self.stage.world.answers.perform = self.recorder.service(Ports()).perform  # type: ignore[method-assign]
        return self.recorder

    def session(self) -> Session | None:
        return self.stage.world.session()

    def does(self, event: Event) -> str:
        self.at += 17
        self.count += 1
        event = replace(event, at=self.at, seed=self.count * 7919)
        if self.recorder is not None:
            self.recorder.heard(event, self.session())
        return self.stage.deliver(f"k{self.count}", event).text

    def sign_in(self) -> None:
        self.does(TextReceived(0, text="同意"))
        self.does(TextReceived(0, text="660101198001010018"))
        shown = self.does(TextReceived(0, text="张三"))
        found = re.search(r"(\d) (\d) (\d) (\d)", shown)
        assert found
        self.does(TextReceived(0, text="".join(found.groups())))


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_recording_replays_green_at_once_without_anything_personal(tmp_path: Path, before: int) -> None:
    """`before`: nothing, the question, or the whole sign-in happened before the recording began."""
    said = _Said()
    if before:
        said.does(MenuClicked(0, key="CARD_LOSS"))
    if before == 2:
        said.sign_in()
    recorder = said.record()
    if not before:
        said.does(MenuClicked(0, key="CARD_LOSS"))
    if before < 2:
        said.sign_in()
    said.does(TextReceived(0, text="1"))
    assert "【已停用】" in said.does(TextReceived(0, text="确认停用"))
    path = tmp_path / "recorded.yaml"
    assert recorder.write(path, ROOT) == ""
    text = path.read_text("utf-8")
    assert "【已停用】" in text
    for personal in ("660101198001010018", "张三", "1234）"):
        assert personal not in text


def test_every_kind_of_mutation_is_made() -> None:
    made = list(mutations.every(stage().content, {}))
    for kind in mutations.KINDS:
        assert sum(m.kind == kind for m in made) >= 10, kind
    for mutant in made[::50]:
        assert mutant.content(stage().content) != stage().content


def test_expected_and_got_stand_side_by_side() -> None:
    lines = side_by_side("一样\n旧的", "一样\n新的")
    assert any(line.startswith("  ≠ 旧的") and line.endswith("│ 新的") for line in lines)


@pytest.mark.slow
def test_the_same_replays_hold_over_http() -> None:
    paths = files([ROOT / "tests" / "replays"])[::9]
    results = list(over_http(paths, Options(ROOT), ""))
    assert sum(not r.skipped for r in results) >= 20
    assert not [r.text for r in results if r.text]


def test_exit_codes_and_junit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run = CliRunner().invoke
    good = written(tmp_path, "turns:\n  - {say: 你好, expect: ~您好}\n")
    xml = tmp_path / "junit.xml"
    assert run(main, ["replay", str(good), "--junit", str(xml)]).exit_code == 0
    assert 'failures="0"' in xml.read_text("utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text("turns:\n  - {say: 你好, expect: 再见}\n", "utf-8")
    came = run(main, ["replay", str(good), str(bad), "--junit", str(xml)])
    assert came.exit_code == 1
    assert "bad.yaml:2: turn 1 expect differs" in came.output
    assert 'failures="1"' in xml.read_text("utf-8")
    bad.write_text("turns: 1\n", "utf-8")
    assert run(main, ["replay", str(bad)]).exit_code == 2


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded bodies here")
def test_recorded_bodies_import_and_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    came = CliRunner().invoke(main, ["record", "--from-xml", str(SAMPLES), "--into", str(tmp_path)])
    assert came.exit_code == 0, came.output
    paths = files([tmp_path])
    assert len(paths) > 30
    assert not [r.text for p in paths if (r := one(p, Options(ROOT), stage())).text]
