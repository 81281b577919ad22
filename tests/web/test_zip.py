"""The whole content out of the console and in again: byte for byte, as a draft, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from moment import china

from bot.app import Bot, create_app
from bot.cli import main
from bot.cli.wiring import Wiring
from bot.content.read.city import start
from bot.content.read.files import collect, own, revised
from bot.content.read.zipped import pack, read
from bot.store.drafts import Draft, Drafts
from web.operator import USERS, Operator, written
from web.town import copied

WORDS, OLD, NEW = "messages/zh-CN/sign_in.yaml", "先核对您是本人", "先让我们看看您是不是本人"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture
def bot(make_bot: Callable[..., Bot], root: Path) -> Bot:
    return make_bot(root, console_users=USERS)


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


def drafts(bot: Bot) -> list[Draft]:
    return Drafts(bot.client, bot.store.seal).all()


def send(operator: Operator, raw: bytes) -> Any:
    form = {"token": operator.token(), "zip": (io.BytesIO(raw), "content.zip")}
    return operator.client.post("/console/drafts/zip", data=form)


def changed(raw: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.namelist():
            new.writestr(f"city-main/{one}", content if one == name else old.read(one))
        new.writestr("city-main/README.md", "x")
    return made.getvalue()


def test_what_comes_back_is_what_went_out_and_a_change_is_a_draft(app: Flask, bot: Bot) -> None:
    ed, served = Operator(app, "ed", "zh"), bot.revisions.now.files
    assert "下载正在用的内容" in ed.see("drafts")
    answer = ed.client.get("/console/content/now.zip")
    assert answer.mimetype == "application/zip"
    assert 'filename="shebao-now.zip"' in answer.headers["Content-Disposition"]
    raw = answer.data
    assert revised(read(raw).files) == served
    assert ed.client.get("/console/content/directory.zip").data == raw
    same = send(ed, raw)
    assert same.status_code == 200
    assert "一模一样" in same.text
    assert drafts(bot) == []

    words = served[WORDS].replace(OLD.encode(), NEW.encode())
    taken = send(ed, changed(raw, WORDS, words))
    assert taken.status_code == 200
    assert "已做成草稿" in taken.text
    assert "city-main/README.md" in taken.text, "what was left out is told"
    (draft,) = drafts(bot)
    assert draft.files == {WORDS: (served[WORDS], words)}
    assert f"/console/drafts/{draft.id}" in taken.text
    assert bot.revisions.now.files == served, "nothing is published"
    assert [entry[:2] for entry in written(bot)] == [("ed", "draft")]
    with_it = ed.client.get(f"/console/content/{draft.id}.zip").data
    assert read(with_it).files[WORDS] == words

    again = send(ed, raw)
    assert again.status_code == 409
    assert "先发布或者丢掉那份草稿" in again.text
    assert drafts(bot) == [draft], "what was in it is not undone"
    assert ed.client.get("/console/content/nobody.zip").status_code == 404


@pytest.mark.slow
def test_content_that_is_broken_and_zips_that_are_no_content_make_no_draft(app: Flask, bot: Bot) -> None:
    ed, raw = Operator(app, "ed", "zh"), pack(bot.revisions.now.files)
    broken = send(ed, changed(raw, WORDS, b"title: {card.nothing\n"))
    assert broken.status_code == 422
    assert "检查通不过" in broken.text
    assert f"{WORDS}:1" in broken.text
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../flows/<b>.yaml", "x")
    refused = send(ed, other.getvalue())
    assert refused.status_code == 422
    assert "../flows/&lt;b&gt;.yaml" in refused.text
    assert "不能用" in refused.text
    assert "不是zip文件" in send(ed, b"title: x\n").text
    assert send(ed, b"").status_code == 422
    assert send(ed, b"\0" * 3_500_000).status_code == 413
    assert drafts(bot) == []


def test_who_may_look_takes_it_out_and_only_who_may_edit_brings_it_in(app: Flask, bot: Bot) -> None:
    bo, nobody = Operator(app, "bo", "zh"), Operator(app, "")
    raw = bo.client.get("/console/content/now.zip").data
    assert "传上来" not in bo.see("drafts")
    assert send(bo, raw).status_code in (403, 413)
    assert nobody.client.get("/console/content/now.zip").status_code == 303
    large = {"zip": (io.BytesIO(b"x" * 70_000), "content.zip")}
    assert nobody.client.post("/console/drafts/zip", data=large).status_code in (303, 413)


@pytest.mark.slow  # loads a city three times
def test_a_city_s_directory_goes_out_as_it_is_and_comes_in_over_the_release(
    make_bot: Callable[..., Bot], tmp_path: Path
) -> None:
    """Its git repository holds what differs, and so does the zip."""
    root = tmp_path / "city"
    start(root, "云溪市", china().date())
    bot = make_bot(root, console_users=USERS)
    ed = Operator(create_app(bot), "ed", "zh")
    raw = ed.client.get("/console/content/directory.zip").data
    held = revised(own(root)).keys() | {"config/city.yaml"}
    assert {name for name in read(raw).files if not name.endswith("/")} == held
    assert "一模一样" in send(ed, raw).text
    assert "一模一样" in send(ed, ed.client.get("/console/content/now.zip").data).text
    policy = (
        (root / "config/policy.yaml").read_bytes().replace("云溪市人社局".encode(), "云溪人社局".encode())
    )
    assert "已做成草稿" in send(ed, changed(raw, "config/policy.yaml", policy)).text
    (draft,) = drafts(bot)
    assert list(draft.files) == ["config/policy.yaml"]
    assert "云溪人社局".encode() in draft.over(collect(root))["config/policy.yaml"]


@pytest.mark.slow
def test_a_command_writes_the_same_zip(bot: Bot, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = partial(CliRunner().invoke, main, obj=Wiring(bot=lambda: bot))
    monkeypatch.chdir(root)
    (root / "config/secrets.env").write_text("x")
    for what, file in ((["now"], "now.zip"), (["."], "here.zip"), ([], "again.zip")):
        done = run(["export", file, *what, "--lang", "zh-CN"])
        assert done.output == f"{file}\n"
        assert (root / file).read_bytes() == pack(collect(root))
    wrong = run(["export", "flows", "--lang", "zh-CN"])
    assert wrong.exit_code != 0
    nowhere = run(["export", "now.zip/x.zip", "--lang", "zh-CN"])
    assert "写不了" in nowhere.output
