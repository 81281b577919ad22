"""Log lines: one JSON object each, whole, masked, whoever writes it; nothing fails for one that is lost."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr
from typing import Any

import pytest
import structlog

from bot import logs

log = structlog.get_logger()
MOBILE = "13800138000"


@contextmanager
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with redirect_stderr(stream):
        logs.configure()
        yield stream
    logs.configure()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ours_and_another_librarys_line_look_alike() -> None:
    with said() as written:
        log.bind(resident="tag").warning("转人工", says=("a", MOBILE), ms=12345678901, alert=True)
        logging.getLogger("a.library").warning("of %s", MOBILE)
        ours, foreign = lines(written)
        assert list(ours) == ["resident", "says", "ms", "alert", "event", "level", "timestamp"]
        assert [ours[name] for name in ("says", "ms", "level")] == [["a", "***"], 12345678901, "warning"]
        assert "转人工" in written.getvalue()
        assert '"alert": true' in written.getvalue(), "as people grep for it"
        assert {**foreign, "timestamp": ""} == {"event": "of ***", "level": "warning", "timestamp": ""}
        assert len(ours["timestamp"]) == len("2026-01-01T00:00:00.000000Z") == len(foreign["timestamp"])


def test_an_exception_tells_its_place_and_neither_its_words_nor_its_locals() -> None:
    with said() as written:
        for tell in (log.exception, logging.getLogger("a.library").exception):
            try:
                name = "张三"
                raise KeyError(name)
            except KeyError:
                tell("failed")
        for line in lines(written):
            assert (line["error"], line["level"]) == ("KeyError", "error")
            assert "test_logs.py" in line["trace"][-1]
        assert "张三" not in written.getvalue()


def test_a_level_that_is_set_later_holds_for_loggers_that_have_written() -> None:
    with said() as written:
        log.info("before")
        logs.configure("WARNING")
        log.info("after")
        log.debug("after")
        logging.getLogger("a.library").info("after")
        logs.configure("DEBUG")
        log.debug("at last")
        assert [line["event"] for line in lines(written)] == ["before", "at last"]


def test_lines_of_many_threads_stay_whole() -> None:
    with said() as written:
        other = logging.getLogger("a.library")
        with ThreadPoolExecutor(8) as pool:
            for n in range(200):
                pool.submit(log.info, "x" * 50, n=n)
                pool.submit(other.warning, "y" * 50)
        assert len(lines(written)) == 400


@pytest.mark.parametrize("kind", ["full", "closed"])
def test_a_line_that_cannot_be_written_fails_nothing(kind: str) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    stream = Full()
    if kind == "closed":
        stream.close()
    with redirect_stderr(stream):
        logs.configure()
        log.info("turn")
    logs.configure()


def test_a_line_that_cannot_be_counted_is_written_all_the_same_and_fails_nothing() -> None:
    def counts(_: str, line: Mapping[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    with said() as written:
        logs.observe(counts)
        log.info("turn")
        logs.observe(None)
    first, second = lines(written)
    assert (first["event"], first["line"], first["error"]) == ("not counted", "turn", "OSError")
    assert second["event"] == "turn"
