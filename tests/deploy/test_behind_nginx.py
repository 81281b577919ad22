"""The shipped units behind the shipped nginx: a conversation over TLS, slow clients, a rolling restart."""

from __future__ import annotations

import re
import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

import pytest
from conversations.kit import PATH, goes_on, id_number
from drill.chaos import Stopwatch
from drill.residents import TROUBLE
from drill.wechat import LATE
from phone import Phone
from store.servers import PATIENCE, until

from bot.services.ledger import Ledger
from bot.store.seal import Seal
from deploy.machine import ENV, Machine, Wire, needs, wheel

pytestmark = pytest.mark.slow
RESIDENTS = 300
AT_ONCE = 4
PUT_OFF = re.compile(f"{TROUBLE.pattern}|请稍等")
"""Told where what was asked for was not done at once."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    needs("nginx")
    folder = tmp_path_factory.mktemp("machine")
    made = Machine(folder, wheel(folder), RESIDENTS)
    try:
        yield made
    finally:
        made.stop()


def phone(machine: Machine, n: int) -> Phone:
    made = Phone(Wire(machine), machine.facts)  # type: ignore[arg-type]
    name = machine.people[n]
    made.person = made.person.model_copy(update={"name": name, "id_number": id_number(n)})
    made.openid = f"oDeployed{n:019d}"
    return made


def walk(phone: Phone) -> None:
    """To the receipt of a report for some days; one answer a message, at once."""
    for step in PATH:
        step(phone)
    assert "受理号" in phone.bubble, phone.bubble.text


def reported(machine: Machine) -> list[str]:
    """The receipt of each report that the bureau's stub has carried out."""
    seal = Seal((ENV["SHEBAO_SEAL_KEYS"],), ENV["SHEBAO_TAG_KEY"])
    made = Ledger(machine.client, seal).operations()
    return [o["number"] for o in made if o["action"] == "card.report_loss"]


def receipt(phone: Phone) -> str:
    found = re.search(r"受理号：(\S+)", phone.bubble.text)
    assert found, phone.bubble.text
    return found[1]


def test_a_whole_encrypted_conversation_and_nobody_writes_down_who_it_was(machine: Machine) -> None:
    resident = phone(machine, RESIDENTS - 1)
    before = machine.log("shebao.log").count("POST /wechat 200")
    walk(resident)
    assert receipt(resident) in reported(machine)
    assert until(lambda: machine.log("shebao.log").count("POST /wechat 200") >= before + 7)
    query = {"openid": resident.openid, "signature": "made-up"}
    assert resident.client.post("/wechat", query, b"x" * 70_000).status_code == 413  # nginx's own finding
    written = machine.logs()
    personal = (resident.openid, resident.person.id_number, resident.person.name)
    assert not [said for said in (*personal, "signature", "timestamp=") if said in written]


@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/phone", "/metrics", "/wechat/", "/callbacks", "/callbacks/other", "/card.yaml"],
)
def test_what_is_nobodys_business_is_not_passed_on(machine: Machine, path: str) -> None:
    assert machine.get(path) == 404


def test_slow_clients_hold_up_nobody(machine: Machine) -> None:
    """Bare, the server was deaf to 70 that send their headers slowly, and to 2,000 that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with ExitStack() as open_:
        trusted = ssl.create_default_context(cafile=machine.certificate)
        for n in range(2000 + 70):
            plain = open_.enter_context(socket.create_connection(("127.0.0.1", machine.port), PATIENCE))
            if n < 70:
                slow = open_.enter_context(trusted.wrap_socket(plain, server_hostname="127.0.0.1"))
                slow.sendall(b"POST /wechat?signature=made-up HTTP/1.1\r\nHost: localhost\r\n")
        walk(phone(machine, RESIDENTS - 2))
        assert "too_busy" not in machine.logs()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_rolling_restart_loses_nothing_and_keeps_nobody_waiting(machine: Machine) -> None:
    """Each web server is reloaded and started again while the other answers; each worker is started again."""
    crowd, watch = [phone(machine, n) for n in range(RESIDENTS - 2)], Stopwatch()
    watch.start()
    before = len(reported(machine))
    enough, put_off = threading.Semaphore(0), list[tuple[float, float]]()

    def go(resident: Phone) -> None:
        for step in PATH:
            step(resident)  # anything but 200 fails
            enough.release()
            if PUT_OFF.search(resident.bubble.text):
                put_off.append(resident.client.took[-1])
                resident.say("继续")
                goes_on(resident)
                break
        assert "受理号" in resident.bubble, resident.bubble.text

    def roll() -> None:
        for part in (*machine.web, *machine.workers):
            for _ in range(len(crowd) * len(PATH) // 6):  # in mid-flow
                enough.acquire()
            if part in machine.web:
                part.reload()
            part.stop()
            part.start()

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        running = [pool.submit(roll), *(pool.submit(go, resident) for resident in crowd)]
        try:
            for done in as_completed(running, 3600):
                done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            enough.release(len(crowd) * len(PATH))
            watch.end()
    told = {receipt(resident) for resident in crowd}
    assert len(told) == len(crowd)
    assert told <= set(reported(machine))
    assert len(reported(machine)) == before + len(crowd)  # none twice
    late = [(at, took) for r in crowd for at, took in r.client.took if took > LATE]
    assert not [took for at, took in (*late, *put_off) if not watch.was_slow(at, at + took)]
