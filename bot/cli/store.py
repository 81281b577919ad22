"""`shebao jobs`, `forget`, `evidence`, `quota`: an operator's commands on the store.

`add_to(main, make_bot)` adds them to the command; `make_bot()` builds the service from the environment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import click

from bot.actions import outcomes_of
from bot.cli.audited import BY, audited
from bot.engine.scope import china_time
from bot.ports import Result

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.store.due import Dead


def add_to(main: click.Group, make_bot: Callable[[], Bot]) -> None:
    """Adds the commands to `main`."""

    @main.group()
    def jobs() -> None:
        """Dead letters: calls that a bug of ours has stopped."""

    @jobs.command("list")
    def list_() -> None:
        """Dead letters, oldest first: id, action, since, attempts, cause, resident's tag."""
        bot = make_bot()
        letters = bot.store.jobs.dead()
        for letter in letters:
            action, tag = _named(bot, letter)
            at = f"{china_time(letter.at):%Y-%m-%d %H:%M}"
            click.echo(f"{_id(letter)}  {action}  {at}  {letter.attempts} attempts  {letter.cause}  {tag}")
        click.echo(f"{len(letters)} dead letters")

    @jobs.command()
    @click.argument("id_", metavar="ID|all")
    @BY
    def retry(id_: str, by: str) -> None:
        """Try a dead letter again now (all: every one), with the key it always had."""
        bot = make_bot()
        found = _found(bot, id_)
        for letter in found:
            with audited(bot, "retry", _id(letter), by):
                bot.store.jobs.revive(letter)
        click.echo(f"{len(found)} will be tried again within a second; the worker must be running")

    @jobs.command()
    @click.argument("id_", metavar="ID")
    @click.option("--outcome", default="", help="What the bureau says of it; the resident is told so.")
    @BY
    def drop(id_: str, outcome: str, by: str) -> None:
        """End a dead letter. The outcome must be known: ask the bureau under its key first."""
        from bot.store.seal import OpensElsewhere, SealError

        bot = make_bot()
        (letter,) = _found(bot, id_)
        try:
            owner, job = bot.store.forms.open_job(letter.shard, letter.sealed)
        except OpensElsewhere as e:
            raise click.ClickException(
                f"{e}: put that key back into SHEBAO_SEAL_KEYS, behind the others, or use the newer "
                "release; nothing was removed"
            ) from e
        except SealError:  # no resident can be told
            with audited(bot, "bury", _id(letter), by):
                bot.store.jobs.bury(letter)
            click.echo("removed: it is damaged and nobody can open it; see `shebao reset`")
            return
        known = outcomes_of(job.call.action)
        if outcome not in known:
            raise click.ClickException(
                f"{job.call.action} under key {owner.tag}.{job.call.key}: ask the bureau what became of "
                f"it, then: shebao jobs drop {id_} --outcome {'|'.join(known)}"
            )
        with audited(bot, "drop", f"{_id(letter)} {job.call.action}: {outcome}", by):
            bot.turns.background.settle(owner, job, letter.attempts, Result(outcome))
        click.echo(f"ended as {outcome}; the resident is told")

    @main.command()
    @click.argument("openid")
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
            raise click.ClickException("nothing was deleted; the log says why. Then run this again") from None
        for line in removed:
            click.echo(f"removed  {line}")
        if not removed:
            click.echo("nothing was held under this openid")
        if not removed and not looks_like_openid(openid):
            click.echo(
                "note: this does not look like an openid (28 letters, digits, - or _): was it copied whole?"
            )
        for line in stays:
            click.echo(f"stays    {line}")

    @main.command()
    @click.argument("openid")
    @BY
    def export(openid: str, by: str) -> None:
        """Print what is held on a resident, as JSON, for the resident who asks; with ID number and name."""
        from bot.cli.forget import export as collect
        from bot.store.seal import SealError

        bot = make_bot()
        try:
            with audited(bot, "export", bot.store.owner(openid).tag, by):
                found = collect(bot.store, openid)
        except SealError as e:
            raise click.ClickException(f"it is kept and does not open: {e}") from e
        if not found["held"] and not found["evidence"]:
            raise click.ClickException("nothing is held under this openid")
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))

    @main.command()
    @click.argument("openid")
    @BY
    def reset(openid: str, by: str) -> None:
        """Let a resident start afresh where the session does not open or is stuck; nothing is deleted.

        The session is put aside, sealed, for a day. What is being submitted goes on; what waits is told.
        """
        from bot.cli.forget import reset as carry_out

        bot = make_bot()
        with audited(bot, "reset", bot.store.owner(openid).tag, by):
            found = carry_out(bot.store, bot.turns, openid)
        if not found:
            click.echo("there is no session under this openid")
            return
        click.echo("the session was put aside for a day; the next message begins a new one and says so")

    @main.group()
    def store() -> None:
        """Whether the store is as it was before."""

    @store.command()
    @click.option("--restored", is_flag=True, help="It was set back, even if nobody noticed.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @BY
    def accept(restored: bool, yes: bool, by: str) -> None:
        """Go on with a store that came back empty or older, or with another one; publishing opens again."""
        from bot.content.messages import ENGLISH, message

        bot = make_bot()
        doubt = bot.store.epochs.doubt()
        if not doubt and not restored:
            click.echo("the store is as it was: there is nothing to accept (--restored if you know better)")
            return
        click.echo(message("commands", f"store_{doubt}" if doubt else "nothing_noticed", ENGLISH))
        if not yes:
            click.confirm("Go on with the store as it is?", abort=True)
        with audited(bot, "accept", doubt, by):
            bot.store.epochs.accept(restored)
        click.echo("accepted; publishing is open again")

    @main.command()
    @click.argument("receipt")
    @BY
    def evidence(receipt: str, by: str) -> None:
        """What a resident was shown and agreed to before this receipt, signed; as JSON."""
        from bot.store.evidence import find, holder
        from bot.store.seal import SealError

        bot = make_bot()
        try:
            whose = holder(bot.store, receipt)
            with audited(bot, "evidence", whose.tag if whose else "", by):
                found = find(bot.store, receipt)
        except SealError as e:
            raise click.ClickException(f"it is kept and does not open: {e}") from e
        if found is None:
            raise click.ClickException("nothing is kept under this receipt (any more)")
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))

    @main.command("reconcile")
    def reconcile_() -> None:
        """Ask the bureau for every receipt and all that is under way; ends with 1 if something differs."""
        from bot.cli.reconcile import reconcile

        bot = make_bot()
        asked = list(reconcile(bot.store, bot.services))
        for one in asked:
            if not (one.receipt and one.agrees):
                click.echo(str(one))
        receipts = [one for one in asked if one.receipt]
        differ, silent = (sum(one.agrees is state for one in receipts) for state in (False, None))
        click.echo(
            f"{len(receipts)} receipts asked for: {differ} differ, {silent} not answered; "
            f"{len(asked) - len(receipts)} changes under way"
        )
        if differ or silent:
            raise SystemExit(1)

    @main.command("evidence-check")
    @click.argument("file", type=click.File(encoding="utf-8"))
    def evidence_check(file: TextIO) -> None:
        """Whether a printed evidence is as we signed it; 1 if not."""
        from bot.store.evidence import genuine

        bot = make_bot()
        try:
            printed = json.load(file)
        except ValueError:  # not JSON, or not UTF-8
            printed = None
        if not isinstance(printed, dict):
            raise click.ClickException("this is not what `shebao evidence` prints: one JSON object")
        if not genuine(bot.store, printed):
            raise click.ClickException("this was changed, or signed with another SHEBAO_TAG_KEY")
        click.echo("genuine")

    @main.command()
    @click.option("--again", is_flag=True, help="They were reset in WeChat's console: call them again.")
    @BY
    def quota(again: bool, by: str) -> None:
        """WeChat's interfaces that are not called before midnight in China: their quota is spent (45009)."""
        from bot.content.errcodes import midnight, spent
        from bot.content.messages import ENGLISH
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
            click.echo(f"{spent({call: until}, ENGLISH)}: spent until {midnight(until)} (China time)")
        if not found:
            click.echo("no quota is known to be spent")
        elif again:
            click.echo("called again from now on; what was put off until tomorrow stays so")
        else:
            click.echo("reset them in WeChat's console (interface permissions), then: shebao quota --again")


def _id(letter: Dead) -> str:
    return letter.member.partition(":")[2]


def _found(bot: Bot, id_: str) -> list[Dead]:
    letters = bot.store.jobs.dead()
    found = letters if id_ == "all" else [d for d in letters if d.member == f"j:{id_}"]
    if not found and id_ != "all":
        raise click.ClickException(f"there is no dead letter {id_}: shebao jobs list")
    return found


def _named(bot: Bot, letter: Dead) -> tuple[str, str]:
    from bot.store.seal import SealError

    try:
        owner, job = bot.store.forms.open_job(letter.shard, letter.sealed)
    except SealError:
        return "(cannot be opened)", ""
    return job.call.action, owner.tag
