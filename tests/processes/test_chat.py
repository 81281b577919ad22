"""`shebao chat` from a pipe: a whole conversation, and every wrong command answered kindly."""

import re
from pathlib import Path

import pytest

from processes.kit import Service, left_in, processes, shebao, until

ID, NAME = "660101198001010018", "张三"


@pytest.mark.slow
def test_every_wrong_command_is_answered_with_what_to_write(root: Path, temp: Path) -> None:
    wrong = [
        "/nonsense", "/tap", "/tap nothing", "/tap 9", "/tap 1", "/location x", "/location 1",
        "/location 999 999", "/location nan inf", "/wait", "/wait x", "/wait 99999999d", "/wait 0s",
        "/image", "/image missing", "/again", "/as nobody", "/voice", "/menu", "/help", "/",
        "/image ~nobody/x", f"/image {'x' * 3000}",
        "  ", "\x00\x1b[31m", "x" * 5000, "🀄",
    ]  # fmt: skip
    ended = shebao(root, temp, "chat", said="\n".join(wrong) + "\n")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    for said in (
        "There is no /nonsense", "no such button", "/location 30.0001 110.0001", "/wait 90s", "Write: /image",
        "no such file", "Nothing was sent yet", "没有“nobody”这个人", "卡丢了", "“卡丢了”里有",
    ):  # fmt: skip
        assert said in ended.stdout, said
    assert "这边出了点问题" not in ended.stdout
    assert "这边现在查不了" not in ended.stdout
    assert processes(root) == {}
    assert list(left_in(temp)) == []


def codes(text: str) -> str:
    return "".join(re.findall(r"(\d) (\d) (\d) (\d)", text)[-1])


@pytest.mark.slow
def test_to_a_receipt_with_a_store_of_its_own_that_is_kept(root: Path, temp: Path) -> None:
    first = shebao(root, temp, "chat", said=f"/tap 1.1\n同意\n{ID}\n{NAME}\n")
    second = shebao(root, temp, "chat", said=f"{codes(first.stdout)}\n1\n确认停用\n取消\n/quit\n不读这行\n")
    assert "已核对是您本人" in second.stdout, first.stdout + second.stdout
    assert "受理号" in second.stdout
    assert "不读这行" not in second.stdout
    assert second.stderr == ""
    assert processes(root) == {}


@pytest.mark.slow
def test_beside_a_running_service_that_goes_on(service: Service) -> None:
    service.start()
    first = shebao(service.root, service.temp, "chat", "--as", NAME, said=f"挂失\n同意\n{ID}\n{NAME}\n")
    assert "Beside the running service" in first.stdout
    again = shebao(service.root, service.temp, "chat", said=f"{codes(first.stdout)}\n1\n确认停用\n")
    assert "受理号" in again.stdout
    assert len(service.operations()) == 1
    assert until(lambda: service.health() == 200)
    assert service.end() == 0
    assert list(left_in(service.temp)) == []


@pytest.mark.slow
def test_a_result_that_comes_late_appears_by_itself(root: Path, temp: Path) -> None:
    env = {"SHEBAO_BUDGET": "2"}
    stub = root / "config" / "stub.yaml"  # only the report is slow: no other call may come near the budget
    stub.write_text(stub.read_text("utf-8").replace(', card.find: {slow: "1.5"}', ""), "utf-8")
    start = "/as 慢先生\n挂失\n同意\n660101198001010026\n慢先生\n"
    first = shebao(root, temp, "chat", said=start, **env)
    ended = shebao(root, temp, "chat", "--as", "慢先生", said=f"{codes(first.stdout)}\n1\n确认停用\n", **env)
    assert "arrived by itself" in ended.stdout, ended.stdout
    assert ended.stdout.index("arrived by itself") < ended.stdout.index("受理号")


@pytest.mark.slow
def test_what_wechat_would_not_let_through_is_told_with_the_next_message(root: Path, temp: Path) -> None:
    """A tap of the menu allows messages for a minute, and half an hour later it is over."""
    ended = shebao(root, temp, "chat", said="/tap 1.1\n/wait 2h\n你好\n")
    assert "arrived by itself" not in ended.stdout, ended.stdout
    assert "停在这里" in ended.stdout


@pytest.mark.slow
def test_time_that_passes_reminds_and_puts_aside(root: Path, temp: Path) -> None:
    ended = shebao(root, temp, "chat", said="挂失\n/wait 2h\n继续\n")
    assert "arrived by itself" in ended.stdout, ended.stdout
    assert "回复“继续”" in ended.stdout
    later = shebao(root, temp, "chat", said="你好\n")
    assert "Going on from last time" in later.stdout


@pytest.mark.slow
def test_an_unknown_person_ends_it(root: Path, temp: Path) -> None:
    ended = shebao(root, temp, "chat", "--as", "没有这人")
    assert ended.returncode == 1
    assert "没有这个人" in ended.stdout.replace("“没有这人”", "没有")


@pytest.mark.slow
def test_a_chat_is_recorded_as_a_replay_that_is_green(root: Path, temp: Path) -> None:
    out = root / "recorded.yaml"
    said = f"/tap 1.1\n同意\n{ID}\n{NAME}\n/again\n/as 2\n/wait 3m\n/image missing\n人工\n"
    ended = shebao(root, temp, "chat", "--record", str(out), said=said)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "A recording is one person's" in ended.stdout
    text = out.read_text("utf-8")
    for expected in ("tap: 挂失停用", "redeliver: last", "wait: 1", "at: sign_in.code"):
        assert expected in text, text
    assert ID not in text
    assert NAME not in text
    again = shebao(root, temp, "replay", str(out))
    assert "1 of 1 conversations as expected" in again.stdout, again.stdout
    refused = shebao(root, temp, "chat", "--record", str(out), said="")
    assert refused.returncode == 2
    assert "there already" in refused.stderr
