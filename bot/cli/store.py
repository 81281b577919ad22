"""`shebao jobs`, `forget`, `held`, `evidence`, `quota`: an operator's commands on the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

import click

from bot.actions import outcomes_of
from bot.cli.audited import BY, audited
from bot.cli.errors import SPEAKS, language, refusal, said
from bot.cli.wiring import make_bot
from bot.engine.scope import china_time

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.store.due import Dead


@click.group()
def jobs() -> None:
    """Dead letters: calls that a bug of ours has stopped."""


@jobs.command("list")
@SPEAKS
def list_() -> None:
    """Dead letters, oldest first: id, action, since, attempts, cause, resident's tag."""
    bot = make_bot()
    letters = bot.store.jobs.dead()
    for letter in letters:
        action, tag = _named(bot, letter)
        at = f"{china_time(letter.at):%Y-%m-%d %H:%M}"
        attempts = said("attempts", count=letter.attempts)
        click.echo(f"{_id(letter)}  {action}  {at}  {attempts}  {letter.cause}  {tag}")
    click.echo(said("jobs_counted", count=len(letters)))


@jobs.command()
@click.argument("id_", metavar="ID|all")
@SPEAKS
@BY
def retry(id_: str, by: str) -> None:
    """Try a dead letter again now (all: every one), with the key it always had."""
    bot = make_bot()
    found = _found(bot, id_)
    for letter in found:
        with audited(bot, "retry", _id(letter), by):
            bot.store.jobs.revive(letter)
    click.echo(said("jobs_revived", count=len(found)))


@jobs.command()
@click.argument("id_", metavar="ID")
@click.option("--outcome", default="", help="What the bureau says of it; the resident is told so.")
@SPEAKS
@BY
def drop(id_: str, outcome: str, by: str) -> None:
    """End a dead letter. The outcome must be known: ask the bureau under its key first."""
    from bot.store.seal import OpensElsewhere, SealError
    from bot.turn.calls import NotConfirmed

    bot = make_bot()
    (letter,) = _found(bot, id_)
    try:
        owner, job = bot.store.forms.open_job(letter.shard, letter.sealed)
    except OpensElsewhere as e:
        raise refusal("job_opens_elsewhere", why=e) from e
    except SealError:  # no resident can be told
        with audited(bot, "bury", _id(letter), by):
            bot.store.jobs.bury(letter)
        click.echo(said("job_buried"))
        return
    known = outcomes_of(job.call.action)
    if outcome not in known:
        key = f"{owner.tag}.{job.call.key}"
        raise refusal("job_outcome", action=job.call.action, key=key, id=id_, known="|".join(known))
    with audited(bot, "drop", f"{_id(letter)} {job.call.action}: {outcome}", by):
        try:
            ended = bot.turns.background.end(owner, job, letter.attempts, outcome).done
        except NotConfirmed as e:
            why = said("job_says", outcome=e.says) if e.says else said("job_unknown")
            raise refusal("job_not_confirmed", why=why, outcome=outcome, id=id_) from e
        if not ended:
            raise refusal("job_moved")
    click.echo(said("job_ended", outcome=outcome))


@click.command()
@click.argument("openid")
@SPEAKS
@BY
def forget(openid: str, by: str) -> None:
    """Delete what is held on a resident; says what was removed and what stays until when."""
    from bot.cli.forget import NotForgotten
    from bot.cli.forget import forget as carry_out
    from bot.store.records import looks_like_openid

    bot = make_bot()
    try:
        with audited(bot, "forget", bot.store.owner(openid).tag, by):
            removed, stays = carry_out(bot.store, bot.turns, openid, bot.now())
    except NotForgotten:
        raise refusal("forget_failed") from None
    for line in removed:
        click.echo(said("forgotten", what=line))
    if not removed:
        click.echo(said("nothing_held"))
    if not removed and not looks_like_openid(openid):
        click.echo(said("odd_openid"))
    for line in stays:
        click.echo(said("stays", what=line))


@click.command()
@click.argument("openid")
@SPEAKS
@BY
def held(openid: str, by: str) -> None:
    """Print what is held on a resident, as JSON, for the resident who asks; with ID number and name."""
    from bot.cli.forget import export

    bot = make_bot()
    with audited(bot, "export", bot.store.owner(openid).tag, by):
        found = export(bot.store, openid)
    if not found["held"] and not found["evidence"]:
        raise refusal("nothing_held")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@click.command()
@click.argument("openid")
@SPEAKS
@BY
def reset(openid: str, by: str) -> None:
    """Let a resident start afresh where the session does not open or is stuck; nothing is deleted.

    The session is put aside, sealed, for a day. What is being submitted goes on; what waits is told.
    """
    from bot.cli.forget import reset as carry_out

    bot = make_bot()
    with audited(bot, "reset", bot.store.owner(openid).tag, by):
        found = carry_out(bot.store, bot.turns, openid)
    click.echo(said("session_aside" if found else "no_session"))


@click.group()
def store() -> None:
    """Whether the store is as it was before."""


@store.command()
@click.option("--restored", is_flag=True, help="It was set back, even if nobody noticed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@SPEAKS
@BY
def accept(restored: bool, yes: bool, by: str) -> None:
    """Go on with a store that came back empty or older, or with another one; publishing opens again."""
    bot = make_bot()
    doubt = bot.store.epochs.doubt()
    if not doubt and not restored:
        click.echo(said("nothing_to_accept"))
        return
    click.echo(said(f"store_{doubt}" if doubt else "nothing_noticed"))
    if not yes:
        click.confirm(said("ask_accept"), abort=True)
    with audited(bot, "accept", doubt, by):
        bot.store.epochs.accept(restored)
    click.echo(said("accepted"))


@click.command()
@click.argument("receipt")
@SPEAKS
@BY
def evidence(receipt: str, by: str) -> None:
    """What a resident was shown and agreed to before this receipt, signed; as JSON. Where several
    residents have it, a list."""
    from bot.store.evidence import find, holders

    bot = make_bot()
    with audited(bot, "evidence", " ".join(whose.tag for whose in holders(bot.store, receipt)), by):
        found = find(bot.store, receipt)
    if not found:
        raise refusal("no_evidence")
    click.echo(json.dumps(found if found[1:] else found[0], ensure_ascii=False, indent=2))


@click.command("reconcile")
@SPEAKS
def reconcile_() -> None:
    """Ask the bureau for every receipt and all that is under way; ends with 1 if something differs."""
    from bot.cli.reconcile import reconcile

    bot = make_bot()
    asked = list(reconcile(bot.store, bot.services))
    for one in asked:
        if not (one.receipt and one.agrees):
            click.echo(one.line())
    receipts = [one for one in asked if one.receipt]
    differ, silent = (sum(one.agrees is state for one in receipts) for state in (False, None))
    size, open_ = len(receipts), len(asked) - len(receipts)
    click.echo(said("reconciled", size=size, differ=differ, silent=silent, open=open_))
    if differ or silent:
        raise SystemExit(1)


@click.command("evidence-check")
@click.argument("file", type=click.File(encoding="utf-8"))
@SPEAKS
def evidence_check(file: TextIO) -> None:
    """Whether a printed evidence is as we signed it; 1 if not."""
    from bot.store.evidence import genuine

    bot = make_bot()
    try:
        printed = json.load(file)
    except ValueError:  # not JSON, or not UTF-8
        printed = None
    proofs = printed if isinstance(printed, list) else [printed]
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        raise refusal("no_printed_evidence")
    if not all(genuine(bot.store, proof) for proof in proofs):
        raise refusal("not_genuine")
    click.echo(said("genuine"))


@click.command()
@click.option("--again", is_flag=True, help="They were reset in WeChat's console: call them again.")
@SPEAKS
@BY
def quota(again: bool, by: str) -> None:
    """WeChat's interfaces that are not called before midnight in China: their quota is spent (45009)."""
    from bot.content.errcodes import midnight, spent
    from bot.store.connect import answering
    from bot.wechat.spent import Spent

    bot = make_bot()
    gone = Spent(bot.client, bot.settings.wechat_app_id, bot.now)
    with answering():
        found = gone.all()
        if again:
            with audited(bot, "quota", ", ".join(found), by):
                gone.again()
    for call, until in found.items():
        click.echo(said("quota_spent", call=spent({call: until}, language()), until=midnight(until)))
    if not found:
        click.echo(said("quota_none"))
    else:
        click.echo(said("quota_again" if again else "quota_reset"))


def _id(letter: Dead) -> str:
    return letter.member.partition(":")[2]


def _found(bot: Bot, id_: str) -> list[Dead]:
    letters = bot.store.jobs.dead()
    found = letters if id_ == "all" else [d for d in letters if d.member == f"j:{id_}"]
    if not found and id_ != "all":
        raise refusal("no_dead_letter", id=id_)
    return found


def _named(bot: Bot, letter: Dead) -> tuple[str, str]:
    from bot.store.seal import SealError

    try:
        owner, job = bot.store.forms.open_job(letter.shard, letter.sealed)
    except SealError:
        return said("unopened"), ""
    return job.call.action, owner.tag
