"""What is due, and the dead letters: tried again, or ended as the bureau says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.actions import outcomes_of
from bot.console.naming import Naming
from bot.console.views import Views, field
from bot.store.due import Dead
from bot.store.seal import OpensElsewhere, SealError


@dataclass(frozen=True)
class Letter:
    """A dead letter as it is shown. `key`: to ask the bureau for; "" where the letter does not open, which is
    for good where it is `damaged`."""

    id: str
    action: str
    since: int
    attempts: int
    cause: str
    resident: str = ""
    key: str = ""
    outcomes: tuple[str, ...] = ()
    damaged: bool = False


def add_to(views: Views) -> None:
    store, background = views.bot.store, views.bot.turns.background

    @views.blueprint.get("/jobs")
    def jobs() -> ResponseReturnValue:
        letters = [_shown(views, letter) for letter in store.jobs.dead()]
        names = Naming(views.bot.turns.content(""), g.language)
        return views.show("jobs.html", waiting=store.jobs.waiting(), letters=letters, names=names)

    @views.blueprint.post("/jobs/retry")
    def retry() -> ResponseReturnValue:
        id_ = field("id")
        found = store.jobs.dead() if id_ == "all" else [_found(views, id_)]
        for letter in found:
            with views.change("retry", _id(letter)):
                store.jobs.revive(letter)
        return views.done("jobs", "retry", len(found))

    @views.blueprint.post("/jobs/drop")
    def drop() -> ResponseReturnValue:
        letter, outcome = _found(views, field("id")), field("outcome")
        try:
            owner, job = store.forms.open_job(letter.shard, letter.sealed)
        except OpensElsewhere:  # with its key, or by a newer release
            abort(409)
        except SealError:  # nobody can be told
            with views.change("bury", _id(letter)):
                store.jobs.bury(letter)
            return views.done("jobs", "bury")
        if outcome not in outcomes_of(job.call.action) or not field("asked"):
            abort(400)
        with views.change("drop", f"{_id(letter)} {job.call.action}: {outcome}"):
            if not background.end(owner, job, letter.attempts, outcome).done:
                abort(409, "moved")
        return views.done("jobs", "drop")


def _id(letter: Dead) -> str:
    return letter.member.partition(":")[2]


def _found(views: Views, id_: str) -> Dead:
    found = [letter for letter in views.bot.store.jobs.dead() if _id(letter) == id_]
    if not found:
        abort(404)
    return found[0]


def _shown(views: Views, letter: Dead) -> Letter:
    try:
        owner, job = views.bot.store.forms.open_job(letter.shard, letter.sealed)
    except SealError as e:
        damaged = not isinstance(e, OpensElsewhere)
        return Letter(_id(letter), "", letter.at, letter.attempts, letter.cause, damaged=damaged)
    action = job.call.action
    return Letter(
        _id(letter), action, letter.at, letter.attempts, letter.cause,
        owner.tag, f"{owner.tag}.{job.call.key}", outcomes_of(action),
    )  # fmt: skip
