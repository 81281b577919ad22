"""kill -9 of each part in mid-conversation: residents go on where they were, reports are made once."""

import os
import re
import signal
import threading
import time
from contextlib import suppress

import pytest
import requests
from phone import Phone

from processes.kit import PATIENCE, Service, edit, processes, until

pytestmark = pytest.mark.slow
PARTS = ["web", "server", "worker", "valkey", "supervisor"]


def kill(service: Service, part: str) -> None:
    """kill -9 of a part; then the service as its user has it again. `web` comes back by itself."""
    os.kill(service.pids()[part], signal.SIGKILL)
    if part == "web":
        assert until(lambda: service.health() == 200)
        return
    assert service.process is not None
    assert service.process.wait(PATIENCE) == (-9 if part == "supervisor" else 1)
    # a call under way is finished, and the dead Valkey asked again, before the web process gives up
    assert until(lambda: processes(service.root) == {}), processes(service.root)
    service.start()


@pytest.mark.parametrize("part", PARTS)
def test_in_the_middle_of_signing_in(service: Service, part: str) -> None:
    phone = service.start().phone()
    phone.tap("挂失停用")
    phone.say("同意")
    phone.say(phone.person.id_number)
    assert until(lambda: service.redis().info("persistence")["aof_buffer_length"] == 0), (
        "written, not only held"
    )
    kill(service, part)
    phone.say(phone.person.name)
    phone.code()
    assert "已核对是您本人" in phone.bubble
    assert service.end() == 0
    assert processes(service.root) == {}


def to_the_confirmation(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.tap(next(a for a in phone.bubble.answers if "先停用" in a))
    assert "请核对" in phone.bubble


def confirm_and(phone: Phone, then_kill: float, service: Service, part: str) -> None:
    """The confirmation is on its way while the part is killed."""

    def confirm() -> None:
        with suppress(requests.RequestException, AssertionError):
            phone.tap("确认停用")

    waiting = threading.Thread(target=confirm)
    waiting.start()
    time.sleep(then_kill)
    kill(service, part)
    waiting.join()


def receipt(service: Service, phone: Phone) -> str:
    """What the resident reads, writing again every other second, until it is the receipt."""
    end = time.monotonic() + PATIENCE
    texts = []
    while time.monotonic() < end:
        texts.append(phone.say("好了没").text)
        if "受理号" in texts[-1]:
            return texts[-1]
        time.sleep(2)
    raise AssertionError(f"no receipt in {texts}; operations: {service.operations()}")


@pytest.mark.parametrize("part", PARTS)
def test_while_a_confirmed_loss_report_is_with_a_slow_bureau(service: Service, part: str) -> None:
    service.env = {"SHEBAO_PER_MINUTE": "1000", "SHEBAO_PUSH": "no"}  # results are told, not pushed
    phone = service.start().phone("慢先生")
    to_the_confirmation(phone)
    confirm_and(phone, 1.0, service, part)
    again = phone.again()  # WeChat delivers once more where it got no answer
    told = again.text if "受理号" in again else receipt(service, phone)
    assert "【已停用】" in told
    (done,) = service.operations()
    assert re.search(r"受理号：(\S+)", told)[1] == done["number"]  # type: ignore[index]
    phone.say("卡的状态")
    assert "确认停用" not in phone.bubble.answers
    assert len(service.operations()) == 1


@pytest.mark.parametrize("part", ["server", "valkey"])
@pytest.mark.parametrize("after", [0.0, 0.02, 0.06])
def test_at_any_moment_of_the_confirmation(service: Service, part: str, after: float) -> None:
    """Where the report was not accepted the resident confirms again; either way it is made once."""
    service.env = {"SHEBAO_PER_MINUTE": "1000", "SHEBAO_PUSH": "no"}  # results are told, not pushed
    phone = service.start().phone("张三")
    to_the_confirmation(phone)
    asked = phone.bubble
    confirm_and(phone, after, service, part)
    told = phone.again().text
    end = time.monotonic() + PATIENCE
    while "受理号" not in told and time.monotonic() < end:
        if not service.operations() and "确认停用" in phone.bubble.answers:
            phone.bubble = asked if "确认停用" in asked.answers else phone.bubble
            told = phone.tap("确认停用").text
        else:
            time.sleep(1)
            told = phone.say("好了没").text
    (done,) = service.operations()
    assert done["number"] in told


def test_a_report_whose_answer_was_lost_is_told_after_a_restart(service: Service) -> None:
    edit(
        service.root / "config" / "stub.yaml",
        'card.report_loss: {fails: unknown, times: "2"}',
        'card.report_loss: {fails: unknown, times: "1"}',
    )
    service.env = {"SHEBAO_PER_MINUTE": "1000", "SHEBAO_PUSH": "no"}  # results are told, not pushed
    phone = service.start().phone("没回音")
    to_the_confirmation(phone)
    phone.tap("确认停用")
    assert "【已停用】" not in phone.bubble
    kill(service, "supervisor")
    told = receipt(service, phone)
    (done,) = service.operations()
    assert done["number"] in told
