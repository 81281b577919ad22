"""`enabled: no` takes a flow or a page out of all that leads there; the check names what speaks of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.load import Loaded, load
from bot.content.read import city
from bot.engine import flow as f
from bot.engine.content import Content

PROGRESS = "messages/zh-CN/progress.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    city.start(tmp_path / "q", "泉城市", date(2026, 12, 1))
    return tmp_path / "q"


def off(root: Path, *names: str, text: str = "enabled: no\n") -> Loaded:
    """The city with these flows, and pages as page.x, switched off."""
    pages = [name.removeprefix("page.") for name in names if name.startswith("page.")]
    made = {f"flows/{name}.yaml": text for name in names if not name.startswith("page.")}
    if pages:
        made["flows/pages.yaml"] = "pages:\n" + "".join(f"  {page}: {{{text.strip()}}}\n" for page in pages)
    for file, lines in made.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(lines, encoding="utf-8")
    return load(root, today=date(2026, 12, 1))


def content(loaded: Loaded) -> Content:
    assert loaded.content is not None, loaded.findings
    return loaded.content


def leading(made: Content) -> set[str]:
    """All that a resident can be led to."""
    rules = [
        rule
        for flow in made.flows.values()
        for rule in (flow.exhausted, *(s.next for s in flow.steps.values()))
    ]
    found = {r.flow for rule in rules for r, _ in rule.leaves() if isinstance(r, f.Link)}
    steps = [step for flow in made.flows.values() for step in flow.steps.values()]
    found |= {flow for step in steps for _, flow in step.leads()} | {
        flow.undo for flow in made.flows.values()
    }
    offers = [*(step.offer for step in steps), *(page.offer for page in made.pages.values())]
    found |= {target.name for offer in offers for target in offer}
    found |= {target.name for target in (*made.triggers.values(), *made.menu.values())}
    return found | {*made.scans.values(), made.follow, made.elsewhere, made.location[0]}


@pytest.mark.parametrize(
    "name", ["reissue", "report_loss", "outlets", "welcome", "elsewhere", "loss_lapse", "page.bring"]
)
@pytest.mark.slow
def test_nothing_leads_to_what_is_switched_off(root: Path, name: str) -> None:
    made = content(off(root, name))
    assert name not in leading(made)
    assert name not in (*made.flows, *(f"page.{page}" for page in made.pages))
    assert made.off == {name}


@pytest.mark.slow
def test_the_menu_loses_its_buttons_and_a_list_that_holds_none(root: Path) -> None:
    before = off(root, "e_card").menu
    assert [b.name for b in before[2].sub] == ["社保卡", "卡的状态", "新卡启用"]
    after = off(root, "card_home", "card_status", "enable").menu
    assert [b.name for b in after] == ["卡丢了", "问一问"]


@pytest.mark.slow
def test_what_needs_it_goes_the_way_without_it(root: Path) -> None:
    """A city without a face check reports for some days, and formally at the counter."""
    made = content(off(root, "face_check"))
    step = made.flows["report_loss"].steps["face"]
    assert step.next == f.Go("no_face")
    assert step.hash == content(off(root, "rate")).flows["report_loss"].steps["face"].hash, (
        "nobody is asked anew"
    )


@pytest.mark.slow
def test_who_would_be_linked_there_is_led_to_a_person_and_the_check_says_so(root: Path) -> None:
    loaded = off(root, "report_loss")
    told = [x for x in loaded.findings if x.code == "off-link"]
    assert [(x.file, x.name) for x in told] == [("release:flows/reissue.yaml", "report_loss")]
    step = next(s for s in content(loaded).flows["reissue"].steps.values() if isinstance(s.next, f.Link))
    assert step.next == f.Link("hand_off")


def test_texts_that_still_speak_of_it_are_named(root: Path) -> None:
    (root / PROGRESS).parent.mkdir(parents=True)
    (root / PROGRESS).write_text("texts:\n  none: 没有申请。回复“补卡”就能办。\n", "utf-8")
    named = [x for x in off(root, "reissue").findings if x.code == "off-mentioned"]
    assert [(x.line, x.col, x.name) for x in named if x.file == PROGRESS] == [(2, 17, "补卡")]
    assert "release:messages/en/progress.yaml" in {x.file for x in named}


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("hand_off", "enabled: no\n", "off-person", 1),
        ("sign_in", "flow: sign_in\nenabled: no\n", "off-required", 2),
        ("reisue", "enabled: no\n", "off-unknown", 1),
        ("reissue", "enabled: nein\n", "yes-no", 1),
        ("reissue", "enabled: off\n", "yes-no", 1),
        ("reissue", "enabled:\n", "yes-no", 1),
        ("reissue", "flow: reisue\nenabled: no\n", "off-unknown", 1),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_switched_off_is_told_in_the_citys_file(
    root: Path, name: str, text: str, code: str, line: int
) -> None:
    errors = [x for x in off(root, name, text=text).findings if x.severity == "error"]
    assert [(x.file, x.line, x.code) for x in errors][:1] == [(f"flows/{name}.yaml", line, code)]
    assert {x.code for x in errors} == {code}


@pytest.mark.slow
def test_its_words_are_free_for_a_flow_or_page_of_the_citys_own(root: Path) -> None:
    (root / "flows").mkdir()
    (root / "flows/pages.yaml").write_text("pages:\n  new_card: {offer: [outlets]}\n", "utf-8")
    for code, title, words in (("zh-CN", "补卡", "补办社保卡"), ("en", "A new card here", "replace card")):
        (root / f"messages/{code}").mkdir(parents=True)
        text = f"new_card:\n  title: {title}\n  words: [{words}]\n  text: {title}。\n"
        (root / f"messages/{code}/pages.yaml").write_text(text, "utf-8")
    assert "trigger-twice" in {x.code for x in load(root).findings}
    made = content(off(root, "reissue"))
    assert made.triggers["补卡"].name == "page.new_card"


def test_an_upgrade_of_the_flow_is_no_conflict_for_a_city_that_has_switched_it_off(root: Path) -> None:
    off(root, "reissue")
    city.note(root)
    assert [(one.piece.name, one.how) for one in city.compare(root) if "reissue" in one.piece.name] == [
        ("flows/reissue.yaml#enabled", "piece_kept")
    ]


@pytest.mark.slow
def test_a_drawing_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    off(root, "reissue")
    monkeypatch.chdir(root)
    drawn = CliRunner().invoke(main, ["graph", "reissue"])
    assert drawn.exit_code == 1
    assert "switched off" in drawn.output
    whole = CliRunner().invoke(main, ["graph"])
    assert "reissue" not in whole.output
