"""No sentence to a resident is untrue: a claim is bound to the condition under which it may be said."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.load import load
from bot.engine.content import Content
from bot.kit.replay.claims import FILE, Claims
from bot.kit.replay.fuzz import Case, again
from bot.kit.replay.oracle import Oracle
from bot.kit.replay.stage import scenery
from bot.kit.replay.texts import Written, every

ROOT = Path(__file__).parents[2]
TO_THE_SUMMARY = (
    {"say": "挂失"},
    {"tap": "同意，继续"},
    {"say": "{id_number}"},
    {"say": "{name}"},
    {"say": "{code}"},
    {"say": "1"},
)


def content_of(root: Path) -> Content:
    content = load(root).content
    assert content is not None
    return content


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def _states(text: Written) -> bool:
    """Whether it is said by itself: no label, answer or list's line; a page tells of nobody's card."""
    last = text.name.rpartition(".")[2]
    label = last in ("agreed", "refused") and text.name.count(".") > 1
    return not label and text.kind != "page" and ".values." not in text.name and last != "line"


def unbound(claims: Claims) -> list[str]:
    """Texts that make a claim by their words and are not bound to a condition, with their language."""
    found = []
    for text in every(claims.content):
        code = str(text.path[1])
        if not _states(text) or code not in claims.words:
            continue
        for _, variant, _, name in text.variants():
            words = "".join(p for p in variant.parts if isinstance(p, str))
            if claims.words[code].search(words) and claims.condition(name) is None:
                found.append(f"{code} {name}: {words}")
    return found


def test_every_text_that_claims_something_is_bound_to_its_condition() -> None:
    assert unbound(Claims(content_of(ROOT), ROOT / FILE)) == []


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("messages/zh-CN/rate.yaml", "thanks: 谢谢您的评价。", "thanks: 谢谢您的评价，您的卡没有改动。"),
        ("messages/en/rate.yaml", "thanks: Thank you for your rating.", "thanks: Your data has been erased."),
        ("messages/zh-CN/rate.yaml", "thanks: 谢谢您的评价。", "thanks: 您的卡已经停用了。"),
        ("messages/en/rate.yaml", "thanks: Thank you for your rating.", "thanks: Your card is blocked."),
    ],
)
def test_a_new_claim_that_is_not_listed_is_found(copy: Path, file: str, old: str, new: str) -> None:
    edit(copy, file, old, new)
    found = unbound(Claims(content_of(copy), ROOT / FILE))
    assert [line.partition(":")[0].split()[1] for line in found] == ["rate.thanks"]


def test_a_listed_text_that_is_gone_is_an_error(copy: Path) -> None:
    content = content_of(ROOT)
    less = replace(content, languages={"en": replace(content.languages["en"], flows={})})
    with pytest.raises(ValueError, match="no such text"):
        Claims(less, ROOT / FILE)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("file", "old", "new", "turns", "untrue"),
    [
        (  # a card that nobody blocked is called blocked
            "flows/report_loss.yaml",
            "  kept:\n    say: kept\n",
            "  kept:\n    say: already\n",
            ({"tap": "先不停"},),
            "report_loss.already",
        ),
        (  # a card that was just blocked is called unblocked
            "flows/report_loss.yaml",
            "    say: done_temporary\n",
            "    say: kept\n",
            ({"tap": "确认停用"},),
            "report_loss.kept.2",
        ),
        (  # nothing was signed out of
            "flows/sign_out.yaml",
            "    forget: [sign_in, family, face_check]",
            "    forget: [family, face_check]",
            ({"say": "退出登录"},),
            "sign_out.done",
        ),
    ],
)
def test_what_is_not_so_is_noticed_when_it_is_said(
    copy: Path, file: str, old: str, new: str, turns: tuple[dict[str, str], ...], untrue: str
) -> None:
    case = Case(1, "张三", "zh-CN", (), (*TO_THE_SUMMARY, *turns))
    for root in (ROOT, copy):
        if root == copy:
            edit(copy, file, old, new)
        town = scenery(root)
        trouble = again(town, Oracle(town.content, Claims(town.content, ROOT / FILE)), case)
        if root == ROOT:
            assert trouble is None, trouble
    assert trouble is not None
    assert (trouble.kind, trouble.turn) == ("untrue", len(case.turns))
    assert untrue in trouble.what
