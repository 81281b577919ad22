"""A city's directory holds what differs; the rest comes from the release, and each finding names its file."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.load import Loaded, load, load_files
from bot.content.read import city
from bot.content.read.city import merged_file
from bot.content.read.files import CITY, ORIGIN, collect, own, unpacked
from bot.content.read.policy_file import Policy, read_policy
from bot.content.read.source import BrokenContent, parse
from bot.content.read.splicing import SHIPPED, in_parts, opens
from bot.kit.replay.texts import every
from bot.turn.writing import common

from .kit import ROOT

TODAY = date(2026, 12, 1)
WORDS = "messages/zh-CN/report_loss.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A city of three files."""
    city.start(tmp_path / "quancheng", "泉城市", TODAY)
    return tmp_path / "quancheng"


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def add(root: Path, name: str, text: str) -> None:
    write(root, name, (root / name).read_text("utf-8") + text)


def loaded(root: Path) -> Loaded:
    return load(root, today=TODAY)


def found(root: Path) -> list[tuple[str, int, int, str]]:
    return [(f.file, f.line, f.col, f.code) for f in loaded(root).findings if f.code != "calendar-missing"]


def test_a_new_city_is_three_files_and_passes_the_check(root: Path) -> None:
    assert sorted(p.relative_to(root).as_posix() for p in root.rglob("*.yaml")) == [
        "config/city.yaml", "config/outlets.yaml", "config/policy.yaml",
    ]  # fmt: skip
    assert not found(root)
    content = loaded(root).content
    assert content is not None
    assert content.policy["bureau"]["value"] == "泉城市人社局"
    assert content.policy["temporary_days"]["value"] == "7", "of the release"
    assert len(content.flows) == len(list((ROOT / "flows").glob("*.yaml"))) - 1


def test_the_smallest_pieces_are_a_text_a_value_a_page_and_a_phrase(root: Path) -> None:
    write(
        root,
        WORDS,
        "words: [卡掉泉里了]\nslots:\n  reason:\n    ask: 卡怎么不见了？\ntexts:\n  no_card: 没有卡。\n",
    )
    write(root, "messages/zh-CN/pages.yaml", "bring:\n  words:\n    - 泉城要带什么\n  text: 带身份证。\n")
    add(root, "config/policy.yaml", "express: {value: none, source: 泉城公告, checked: 2026-11-26}\n")
    assert not found(root)
    content = loaded(root).content
    assert content is not None
    words = content.languages["zh-CN"].flows["report_loss"]
    assert "卡掉泉里了" in words.words
    assert "挂失" in words.words, "phrases come in addition"
    assert words.texts["no_card"].variants[0].parts == ("没有卡。",)
    assert words.texts["already"].variants, "of the release"
    ask = words.slots["reason"].ask
    assert ask is not None
    assert ask.variants[0].parts == ("卡怎么不见了？",)
    assert words.slots["reason"].label == "挂失原因"
    assert "泉城要带什么" in content.languages["zh-CN"].pages["bring"].words
    assert content.policy["express"]["value"] == "none"


NOTICE = "source: 公告, checked: 2026-11-26"
DATED = [
    f"- {{value: offered, {NOTICE}}}\n- {{from: 2027-01-01, value: nope, {NOTICE}}}",
    "- value: offered\n  NOTICE\n- from: 2027-01-01\n  value: nope\n  NOTICE".replace(
        "NOTICE", NOTICE.replace(", ", "\n  ")
    ),
    f"[{{value: offered, {NOTICE}}}, {{from: 2027-01-01, value: nope, {NOTICE}}}]",
]


@pytest.mark.slow
@pytest.mark.parametrize("indent", ["", "  ", "      "])
@pytest.mark.parametrize("written", DATED)
def test_a_city_dates_a_value_and_keeps_the_releases_closed_set(
    root: Path, written: str, indent: str
) -> None:
    """However it is written; a finding stands at its line and column in the city's file."""
    lines = written.replace("nope", "none").replace("\n", f"\n{indent}")
    add(root, "config/policy.yaml", f"express:\n{indent or ' ' * (written[0] == '[')}{lines}\n")
    assert not found(root)
    content = loaded(root).content
    assert content is not None
    assert content.policy["express"]["value"] == "offered"
    assert content.at(4e9).policy["express"]["value"] == "none"
    text = (root / "config/policy.yaml").read_text("utf-8").replace("value: none", "value: nope")
    write(root, "config/policy.yaml", text)
    at = text.index("nope")
    place = (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    assert found(root) == [("config/policy.yaml", *place, "policy-value")]


@pytest.mark.slow
def test_a_city_changes_its_hotline_in_one_place(root: Path) -> None:
    """In every text, also in those that are said without a session, and in the page's own."""
    add(root, "config/policy.yaml", "hotline: {value: 0531-12345, source: 泉城公告, checked: 2026-11-26}\n")
    assert not found(root)
    content = loaded(root).content
    assert content is not None
    parts = [(one.name, part) for one in every(content) for v in one.text.variants for part in v.parts]
    assert not [(name, part) for name, part in parts if isinstance(part, str) and "12333" in part]
    assert "0531-12345" in common(content, "trouble").text
    assert "12333" not in (ROOT / "bot/page/words.yaml").read_text("utf-8")


@pytest.mark.slow
def test_a_flow_and_the_menu_are_whole_files(root: Path) -> None:
    write(root, "config/menu.yaml", "- {name: 挂失, flow: report_loss}\n")
    write(root, "flows/rate.yaml", (ROOT / "flows/rate.yaml").read_text().replace("max: 200", "max: 100"))
    assert not [x for x in found(root) if x[0].startswith("config/menu") or "rate" in x[0]]
    content = loaded(root).content
    assert content is not None
    assert [button.name for button in loaded(root).menu] == ["挂失"]
    assert content.flows["rate"].slots["why"].max == 100


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("config/policy.yaml", "express: {value: nein, source: 公告, checked: 2026-11-26}\n",
         (4, 18, "policy-value")),
        ("config/policy.yaml", "expres: {value: none, source: 公告, checked: 2026-11-26}\n",
         (4, 1, "policy-idle")),
        (WORDS, "texts:\n  no_card: 没有{policy.burau}。\n", (2, 14, "unknown-policy")),
        (WORDS, "texts:\n  no_card:　没有。\n", (2, 11, "full-width")),
        (WORDS, "texts:\n    no_card: 没有{card。\n", (2, 16, "brace-alone")),
        (WORDS, "words:\n  - 卡掉泉里了\n  - 帮助\n", (3, 5, "reserved-word")),
        ("messages/zh-CN/pages.yaml", "bring:\n  txt: 带身份证。\n", (2, 3, "unknown-key")),
    ],
)  # fmt: skip
def test_a_finding_names_the_citys_file_and_its_line(
    root: Path, name: str, text: str, place: tuple[int, int, str]
) -> None:
    if (root / name).exists():
        add(root, name, text)
    else:
        write(root, name, text)
    assert found(root) == [(name, *place)]


@pytest.mark.slow
def test_whatever_yaml_allows_is_merged_and_each_finding_stays_where_it_was_written(root: Path) -> None:
    """Comments, blocks, two lines, maps on one line, JSON, other columns, a document's begin and end."""
    told = "source: 公告, checked: 2026-11-26"
    add(
        root,
        "config/policy.yaml",
        f"express: {{value: nein, {told}}} # 见公告\n"
        "formal_loss:\n    # 见公告\n    value: nein\n    source: 公告\n    checked: 2026-11-26\n"
        f"agents: {{{told},\n  value: nein}}\n",
    )
    words = {
        "report_loss": "---\ntexts:\n    no_card: 没有。\n# 泉城的\n    already: 好{policy.burau}。\n...\n",
        "rate": "slots: {stars: {ask: 您给几颗星？, lable: 评价}}\n",
        "hand_off": '{"texts": {"closed": "下班了{card。"}}\n',
        "outlets": "words: [泉城哪里办, {a: b}]\n",
        "progress": "words:\n  - 泉城进度\n  - [a]\n",
        "cancel_loss": "texts:\n  {gone: 好的。,\n   kept: 好的。}\n",
        "sign_in": "words: [登录, 泉城登录]\n",
    }
    for name, text in words.items():
        write(root, f"messages/zh-CN/{name}.yaml", text)
    assert [(name.rpartition("/")[2], *place) for name, *place in found(root)] == [
        ("policy.yaml", 4, 18, "policy-value"),
        ("policy.yaml", 7, 12, "policy-value"),
        ("policy.yaml", 11, 10, "policy-value"),
        ("cancel_loss.yaml", 2, 4, "unused-text"),
        ("hand_off.yaml", 1, 26, "brace-alone"),
        ("outlets.yaml", 1, 16, "shape"),
        ("progress.yaml", 3, 5, "shape"),
        ("rate.yaml", 1, 30, "unknown-key"),
        ("report_loss.yaml", 5, 15, "unknown-policy"),
    ]


def test_the_release_has_a_line_for_each_part_that_a_city_may_say_otherwise() -> None:
    for name, raw in own(city.RELEASE).items():
        if in_parts(name) and not name.endswith("/"):
            source = parse(name, raw)
            opened = [loc for loc in [(), *source.keys] if opens(name, loc) and source.begins(loc, "{")]
            assert not opened, name


@pytest.mark.slow
@pytest.mark.parametrize("raw", [b"name: \xff\n", "name: 泉城: 市\n".encode()])
def test_what_a_city_rests_on_is_checked_before_it_is_published(root: Path, raw: bytes) -> None:
    (root / CITY).write_bytes(raw)
    published = load_files(collect(root), today=TODAY)
    assert published.content is None
    assert (published.findings[0].file, published.findings[0].line) == (CITY, 1)


@pytest.mark.parametrize("text", ["name: 泉城: 市\n", "[x\n", "- x\n", "", "name: q\nbased_on: {a: [b]}\n"])
def test_what_cannot_be_read_is_never_written_over(root: Path, text: str) -> None:
    write(root, CITY, text)
    for look in (lambda: city.note(root), lambda: city.note(root, accept=True), lambda: city.compare(root)):
        with pytest.raises(BrokenContent, match=CITY):
            look()
    assert (root / CITY).read_text("utf-8") == text


@pytest.mark.slow
def test_what_is_wrong_in_the_release_is_named_as_its_file(root: Path) -> None:
    """The city's own flow takes something away that texts of the release need."""
    write(root, "flows/rate.yaml", (ROOT / "flows/rate.yaml").read_text().replace("s5, s4, s3", "s5, s4, s6"))
    assert {x[0] for x in found(root)} <= {
        "flows/rate.yaml", *(f"{SHIPPED}messages/{code}/rate.yaml" for code in ("zh-CN", "en")),
    }  # fmt: skip


def test_what_is_published_are_the_merged_files_with_the_release_and_the_pieces(root: Path) -> None:
    write(root, WORDS, "texts:\n  no_card: 没有卡。\n")
    files = collect(root)
    assert "没有卡。" in files[WORDS].decode()
    origin = files[ORIGIN].decode()
    assert 'name: "泉城市"' in origin
    assert f'"{WORDS}#texts.no_card": ' in origin
    assert "config/city.yaml" not in files
    with unpacked(files) as alone:  # as on a server of another release
        there = load(alone, today=TODAY).content
    here = load_files(files, today=TODAY).content
    assert here is not None
    assert there is not None
    assert here.revision == there.revision


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release that can be changed under the city."""
    made = tmp_path / "release"
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, made / part)
    monkeypatch.setattr(city, "RELEASE", made)
    return made


def how(root: Path) -> dict[str, str]:
    return {one.piece.name: one.how for one in city.compare(root)}


@pytest.mark.slow
def test_an_upgrade_is_a_conflict_only_where_both_changed_a_piece(root: Path, release: Path) -> None:
    write(root, WORDS, "texts:\n  no_card: 没有卡。\n  kept: 好的。\n")
    city.note(root)
    assert set(how(root).values()) <= {"piece_kept", "piece_same"}
    path = release / WORDS
    path.write_text(path.read_text("utf-8").replace("卡是怎么没的？", "卡怎么没了？"))
    assert set(how(root).values()) <= {"piece_kept", "piece_same"}, "other texts of the same file"
    path.write_text(path.read_text("utf-8").replace("没有查到您在本市的社保卡", "本市没有您的社保卡"))
    assert [name for name, what in how(root).items() if what == "piece_conflict"] == [
        f"{WORDS}#texts.no_card"
    ]
    assert not found(root)
    city.note(root, accept=True)
    assert "piece_conflict" not in how(root).values()


def test_what_the_city_only_copied_is_no_conflict(root: Path, release: Path) -> None:
    """It says so, and the city has the release's once the copy is gone."""
    write(root, "flows/rate.yaml", (release / "flows/rate.yaml").read_text("utf-8"))
    city.note(root)
    path = release / "flows/rate.yaml"
    path.write_text(path.read_text("utf-8").replace("max: 200", "max: 100"))
    assert how(root)["flows/rate.yaml"] == "piece_old"
    add(root, "flows/rate.yaml", "# 本市的\n")
    assert how(root)["flows/rate.yaml"] == "piece_conflict"


def test_a_conflict_shows_the_lines_that_differ(
    root: Path, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a whole flow twice; and which values are still the release's examples."""
    mine = (release / "flows/rate.yaml").read_text("utf-8").replace("[hand_off]", "[hand_off, outlets]")
    write(root, "flows/rate.yaml", mine)
    city.note(root)
    path = release / "flows/rate.yaml"
    path.write_text(path.read_text("utf-8").replace("max: 200", "max: 100"))
    monkeypatch.chdir(root)
    shown = CliRunner().invoke(main, ["diff", "shipped"])
    assert shown.exit_code == 1
    lines = [line.strip() for line in shown.output.splitlines()]
    changed = [line for line in lines if line.startswith(("- ", "+ "))]
    assert changed == [
        "-   why: {type: text, max: 100, or: [nothing], keep: comment}",
        "+   why: {type: text, max: 200, or: [nothing], keep: comment}",
        "-     offer: [hand_off]",
        "+     offer: [hand_off, outlets]",
    ]
    (examples,) = [line for line in lines if "invented" in line]
    assert "fee_reissue" in examples
    assert "bureau" not in examples, "that is the city's"


@pytest.mark.quick(2)
@pytest.mark.parametrize("name", ["泉城: 市", "泉,城", "{泉城}", "泉城 #1", '"泉城', "- 泉城", "'泉城'"])
def test_a_city_may_have_any_name(tmp_path: Path, name: str) -> None:
    made = CliRunner().invoke(main, ["init", str(tmp_path / "q"), "--city", name])
    assert made.exit_code == 0, made.output
    assert policy_of(tmp_path / "q")["bureau"]["value"] == f"{name}人社局"
    assert city.compare(tmp_path / "q")


def policy_of(root: Path) -> Policy:
    source = parse("config/policy.yaml", merged_file(root, "config/policy.yaml"))
    dated, *_ = read_policy(source)
    assert not source.findings
    return dated[""]


@pytest.mark.parametrize("name", ["", " ", "泉城\n市", "泉\x00城"])
def test_a_city_has_a_name_in_one_line(tmp_path: Path, name: str) -> None:
    refused = CliRunner().invoke(main, ["init", str(tmp_path / "q"), "--city", name])
    assert refused.exit_code == 1
    assert "in one line" in refused.output
    assert not (tmp_path / "q").exists()


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused = CliRunner().invoke(main, ["init", str(tmp_path / "file" / "q"), "--city", "泉城市"])
    assert refused.exit_code == 1
    assert "cannot be made (Not a directory)" in refused.output


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner()
    made = run.invoke(main, ["init", str(tmp_path / "q"), "--city", "泉城市", "--lang", "zh-CN"])
    assert made.exit_code == 0, made.output
    assert "本市的目录做好了" in made.output
    again = run.invoke(main, ["init", str(tmp_path / "q"), "--city", "泉城市"])
    assert again.exit_code == 1
    assert "not empty" in again.output
    monkeypatch.chdir(tmp_path / "q")
    checked = run.invoke(main, ["check", "--today", "2026-12-01"])
    assert checked.exit_code == 0, checked.output
    compared = run.invoke(main, ["diff", "shipped", "--lang", "zh-CN"])
    assert compared.exit_code == 0, compared.output
    assert "config/policy.yaml#bureau  用本市的，产品没有改它" in compared.output
    new = run.invoke(main, ["new", "flow", "rate"])
    assert new.exit_code == 1
    assert "flows/rate.yaml" in new.output, "a flow of the release is not replaced unasked"
    assert not (tmp_path / "q" / "flows").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("messages/zh-CN/report_loss.yml", "messages/zh-CN/report_loss.yml"),
        ("messages/zh-CN/report_loss.yaml.txt", "messages/zh-CN/report_loss.yaml.txt"),
        ("messages/zh_cn/report_loss.yaml", "messages/zh_cn"),
        ("messages/report_loss.yaml", "messages/report_loss.yaml"),
        ("flows/new/rate.yaml", "flows/new/rate.yaml"),
        ("flows/Rate.yml", "flows/Rate.yml"),
    ],
)
@pytest.mark.slow
def test_a_file_under_a_wrong_name_is_told_though_the_release_has_one_of_the_right_name(
    root: Path, name: str, told: str
) -> None:
    """And nothing else: it counts as what is meant."""
    write(root, name, "enabled: no\n" if name.startswith("flows") else "texts:\n  no_card: 没有卡。\n")
    wrong = [x for x in loaded(root).findings if x.severity == "error"]
    assert [(x.file, x.code) for x in wrong] == [(told, "file-name")]
