"""Coverage, fuzzing, recording, mutants and HTTP."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from wcwidth import wcswidth

from bot.cli import main
from bot.engine import flow as f
from bot.kit.replay import mutants, mutations
from bot.kit.replay.coverage import measure
from bot.kit.replay.fakes import Fakes
from bot.kit.replay.fixture import load
from bot.kit.replay.fuzz import Case, Found, Fuzzer, again
from bot.kit.replay.remote import over_http
from bot.kit.replay.report import side_by_side
from bot.kit.replay.run import Options, about, files, one
from bot.kit.replay.shrink import shrink
from bot.kit.replay.stage import scenery
from bot.reading.numbers import id_checksum

from .kit import ROOT, stage, written

pytestmark = pytest.mark.slow  # seconds together

SHIPPED = files([ROOT / "tests" / "replays"])
SAMPLES = Path(os.environ.get("SHEBAO_SAMPLES") or ROOT.parent / "shared" / "facts" / "wechat-samples")


@pytest.mark.slow
def test_the_shipped_replays_reach_every_step_and_outcome_in_both_languages() -> None:
    every = [p for p in SHIPPED if not p.name.endswith(".en.yaml")]
    for paths in (every, [p for p in SHIPPED if p not in every or load(p, ROOT).every_language]):
        missed = [str(m) for m in measure(paths, Options(ROOT)).missed if m.kind in ("step", "outcome")]
        assert not missed


def test_what_is_not_reached_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, "turns:\n  - {say: 你好, expect: ~您好}\n")
    missed = {m.name: m for m in measure([path], Options(ROOT)).missed}
    step = missed["report_loss.submit"]
    line = (ROOT / step.file).read_text("utf-8").splitlines()[step.line - 1]
    assert line.strip() == "submit:"


def test_coverage_is_the_same_in_several_processes_and_tells_texts_and_languages(tmp_path: Path) -> None:
    paths = SHIPPED[::12]
    one_, two = (measure(paths, Options(ROOT), jobs) for jobs in (1, 2))
    assert (one_.missed, one_.total, one_.reached) == (two.missed, two.total, two.reached)
    assert [r.path for r in one_.results] == [r.path for r in two.results]
    chinese = [written(tmp_path, "turns:\n  - {say: 卡丢了, expect: ~您同意吗}\n")]
    missed = measure(chinese, Options(ROOT)).missed
    assert any(m.kind == "language" and m.name == "en" for m in missed)
    assert any(m.kind == "text" and m.file == "messages/en/common.yaml" for m in missed)


@pytest.mark.slow
def test_texts_that_no_shipped_replay_says_are_these() -> None:
    measured = measure(SHIPPED, Options(ROOT), 2)
    assert not [result.text for result in measured.results if result.text], "to be watched changes nothing"
    assert {m.name for m in measured.missed} == {
        "common.list_more",  # said of more receipts than a list shows: tests/engine/test_recovery.py
        "common.person_wait",  # said where no message asked for a person: the shipped flow waits for a yes
        "report_loss.done_formal.2",  # said where the session was lost meanwhile; of a temporary report shown
        "reissue.check.3",  # said where nothing is chosen on the way the card comes: the flow chooses before
    }


def test_a_lapse_told_a_day_too_early_is_noticed(tmp_path: Path) -> None:
    """What is counted into a plan when content is loaded is out of reach for a mutant of the content."""
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    policy, replay = tmp_path / "config" / "policy.yaml", ROOT / "tests" / "replays" / "lapse_notice_day.yaml"
    assert not one(replay, Options(tmp_path), scenery(tmp_path)).text
    early = policy.read_text().replace('lapse_notice_days: {value: "1"', 'lapse_notice_days: {value: "2"')
    policy.write_text(early)
    assert "【快到期】" in one(replay, Options(tmp_path), scenery(tmp_path)).text


def test_fuzzing_is_repeatable_and_shrinks() -> None:
    first, second = (Fuzzer(stage(), 7) for _ in range(2))
    assert [str(f) for f in first.run(300)] == [str(f) for f in second.run(300)]


def test_fuzzing_one_flow_reaches_it_and_says_what_it_did_not() -> None:
    fuzzer = Fuzzer(stage(), 3, flow="outlets")
    assert not list(fuzzer.run(60))
    assert fuzzer.calls["outlets.near"]
    assert fuzzer.missed() == ([], [])
    assert max(fuzzer.reached, key=lambda flow: fuzzer.reached[flow] * (flow != "nothing")) == "outlets"
    nobody = Fuzzer(stage(), 3, flow="report_loss")
    assert nobody.missed() == (["report_loss"], ["card.find", "card.report_loss"])
    assert "平安区" in fuzzer.places


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_replays_are_played_for_one_flow_in_one_language(language: str) -> None:
    paths = about("outlets", SHIPPED)
    assert 0 < len(paths) < len(SHIPPED) / 4
    results = [one(path, Options(ROOT, only=language), stage()) for path in paths]
    assert not [r.text for r in results if r.text]
    mine = {p.name for p in paths if p.name.endswith(".en.yaml")}
    skipped = {Path(r.path).name for r in results if r.skipped}
    assert (mine & skipped) == (mine if language == "zh-CN" else set())


def test_what_differs_in_one_language_is_told_in_that_only(tmp_path: Path) -> None:
    words = "words: {zh-CN: ~网点, en: ~nowhere}"
    path = written(tmp_path, f"turns:\n  - {{tap: 附近网点, says: [outlets.place.ask], {words}}}\n")
    found = {only: one(path, Options(ROOT, only=only), stage()) for only in ("", "zh-CN", "en", "fr")}
    assert {only for only, result in found.items() if result.text} == {"", "en"}
    assert "in en differs" in found["en"].text
    assert found["fr"].skipped == "not in fr"


def test_a_language_that_is_nowhere_is_told_whatever_is_played(tmp_path: Path) -> None:
    path = written(tmp_path, "resident: {language: cn}\nturns:\n  - {say: 谢谢, says: page.thanks}\n")
    for only in ("", "zh-CN", "en"):
        assert "没有语言“cn”" in one(path, Options(ROOT, only=only), stage()).text


def test_one_flow_s_mutants_are_of_its_files() -> None:
    bench = mutants.prepare(stage(), 1, 3, "outlets")
    assert {Path(m.file).stem for m in bench.mutants} == {"outlets"}
    assert {Path(m.file).parent.name for m in bench.mutants} >= {"flows", "zh-CN", "en"}
    assert mutants.run(replace(bench, mutants=bench.mutants[:4]), 1).count("") < 4


def test_commands_name_what_there_is() -> None:
    def ran(*words: str) -> str:
        return CliRunner().invoke(main, words).output

    assert "Did you mean “outlets”?" in ran("replay", "--flow", "outlet")
    assert "There are: en, zh-CN." in ran("replay", "--lang", "french")
    assert "Did you mean “report_loss”?" in ran("fuzz", "--flow", "report_los")
    assert "There is no flow" in ran("mutants", "--flow", "x")
    assert "card.report_loss\n  arguments: card! kind reason?\n  outcomes: done already" in ran("actions")
    assert ran("actions", "outlets.near").splitlines()[2] == "  outcomes: found none"
    assert "Did you mean “outlets.near”?" in ran("actions", "outlets.ner")


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
    assert id_checksum(made[:17]) == made[17]
    assert fakes.text(f"我的号码是{real}，电话13812345678").startswith(f"我的号码是{made}，电话139")
    assert "13812345678" not in fakes.text("13812345678")
    assert fakes.value("name", "张三") != "张三"
    assert "张三" not in fakes.text("我叫张三")


def test_every_kind_of_mutation_is_made() -> None:
    made = list(mutations.every(stage().content, {}))
    for kind in mutations.KINDS:
        assert sum(m.kind == kind for m in made) >= 10, kind
    for mutant in made[::50]:
        assert mutant.content(stage().content) != stage().content


def test_expected_and_got_stand_side_by_side() -> None:
    lines = side_by_side("一样\n旧的", "一样\n新的")
    assert any(line.startswith("  ≠ 旧的") and line.endswith("│ 新的") for line in lines)
    folded = side_by_side("这里的 report 一行太长，要折成几行\n\na", "b", 12, ("现在", "发布后"))
    left = [line.partition("│")[0] for line in folded if "│" in line]
    assert {wcswidth(part) for part in left} == {17}, "columns are aligned"
    assert "".join(part[4:].strip() for part in left[1:-2]) == "这里的report 一行太长，要折成几行"


@pytest.mark.slow
def test_the_same_replays_hold_over_http() -> None:
    paths = SHIPPED[::5] + 4 * [p for p in SHIPPED if "together:" in p.read_text("utf-8")]
    results = list(over_http(paths, Options(ROOT), jobs=2))
    assert [Path(r.path).name for r in results] == [p.name for p in paths]
    assert all(r.skipped or r.unseen for r in results)
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


def test_what_cannot_be_done_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    good = written(tmp_path, "turns:\n  - {say: 你好, expect: ~您好}\n")
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    for words, code, told in (
        ([good, "--junit", tmp_path / "none" / "a.xml"], 1, "a.xml cannot be read or written: No such file"),
        ([tmp_path, "--flow", "report_loss"], 0, "0 of 0 conversations"),
        ([good, "--ids"], 2, "--ids goes with --update"),
        ([good, "--changes"], 2, "--changes goes with --target"),
        ([good, "--fail-under", "50"], 2, "--fail-under goes with --coverage"),
    ):
        came = CliRunner().invoke(main, ["replay", *map(str, words)])
        assert (came.exit_code, told in came.output) == (code, True), came.output
    assert CliRunner().invoke(main, ["mutants", "--each", "-1"]).exit_code == 2


def test_every_replay_is_played_whatever_its_ending(tmp_path: Path) -> None:
    names = ["a.yaml", "b.yml", "c.yaml.txt", ".#a.yaml", "~$a.yaml", "notes.txt"]
    for name in names:
        (tmp_path / name).write_text("turns: []\n", "utf-8")
    assert [path.name for path in files([tmp_path])] == names[:3]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded bodies here")
def test_recorded_bodies_import_and_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    came = CliRunner().invoke(main, ["record", "--from-xml", str(SAMPLES), "--into", str(tmp_path)])
    assert came.exit_code == 0, came.output
    paths = files([tmp_path])
    assert len(paths) > 30
    assert not [r.text for p in paths if (r := one(p, Options(ROOT), stage())).text]


BODY = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>{who}</FromUserName><CreateTime>1800000000</CreateTime>"
    "<MsgType>text</MsgType><Content>{said}</Content><MsgId>1</MsgId></xml>"
)


def test_recorded_bodies_of_several_residents_become_a_file_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their names are: Chinese, with signs that a file's name should not have, or very long."""
    monkeypatch.chdir(ROOT)
    bodies, into = tmp_path / "bodies", tmp_path / "replays"
    bodies.mkdir()
    names = ["一", "二", "a b", "a_b", "长" * 70 + "1", "长" * 70 + "2"]
    for n, name in enumerate(names):
        (bodies / f"{name}.xml").write_text(BODY.format(who=f"who{n}", said=f"你好{n}"), "utf-8")
    came = CliRunner().invoke(main, ["record", "--from-xml", str(bodies), "--into", str(into)])
    assert came.exit_code == 0, came.output
    assert len(files([into])) == len(names)
    text = "".join(path.read_text("utf-8") for path in files([into]))
    assert all(f"你好{n}" in text for n in range(len(names)))
    edited = files([into])[0]
    edited.write_text("# by hand\n", "utf-8")
    again = CliRunner().invoke(main, ["record", "--from-xml", str(bodies), "--into", str(into)])
    assert again.exit_code == 1
    assert f"{edited} is there already" in again.output
    assert edited.read_text("utf-8") == "# by hand\n"


def test_an_index_that_is_no_table_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "INDEX.tsv").write_bytes("file\tnotes\n一.xml\t说明\n".encode("gbk"))
    came = CliRunner().invoke(
        main, ["record", "--from-xml", str(tmp_path), "--into", str(tmp_path / "replays")]
    )
    assert came.exit_code == 1
    assert "INDEX.tsv is no table of UTF-8" in came.output


def test_content_that_does_not_pass_its_check_is_told_when_bodies_are_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    monkeypatch.chdir(tmp_path)
    came = CliRunner().invoke(
        main, ["record", "--from-xml", str(tmp_path), "--into", str(tmp_path / "replays")]
    )
    assert came.exit_code == 1
    assert "does not pass `shebao check`" in came.output


def test_a_key_that_is_none_is_told_before_anything_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    given = {"TOKEN": "token", "APP_ID": "wx0000000000000001", "AES_KEYS": "short"}
    env = {f"SHEBAO_WECHAT_{name}": value for name, value in given.items()}
    came = CliRunner(env=env).invoke(main, ["replay", "--target", "http://127.0.0.1:9"])
    assert came.exit_code == 2
    assert "EncodingAESKey" in came.output or "AES_KEYS" in came.output
