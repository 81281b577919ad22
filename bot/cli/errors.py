"""Turns the errors of every command into one sentence in the command's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

LANGUAGES = ("zh-CN", "en")
_LANGUAGE = "bot.cli.language"


def lang(about: str, default: str = "en") -> Callable[[Any], Any]:
    """Adds `--lang` to a command that has both languages."""

    def keep(context: click.Context, _: click.Parameter, value: str) -> str:
        context.meta[_LANGUAGE] = value
        return value

    kinds = click.Choice(LANGUAGES)
    return click.option("--lang", type=kinds, default=default, help=about, callback=keep)


def language() -> str:
    """Returns `--lang` of the command, "" if it has none."""
    context = click.get_current_context(silent=True)
    return str(context.meta.get(_LANGUAGE, "")) if context else ""


class Commands(click.Group):
    """A group whose commands report known errors as a sentence; so do its subgroups."""

    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as e:
            if why := _sentence(e, language()):
                raise click.ClickException(why) from e
            raise


def _sentence(error: Exception, language: str) -> str:
    """Returns "" for a bug, and for click's own exceptions."""
    from bot.account.live_menu import Refused
    from bot.content.messages import message
    from bot.content.read.source import BrokenContent
    from bot.kit.embedded import CannotStart
    from bot.kit.replay.stage import CannotPlay
    from bot.ports import ArchiveAway, Unknown
    from bot.store.records import ShardsDiffer, StoreAway
    from bot.store.revisions import NoRevision
    from bot.store.seal import SealError
    from bot.turn.revisions import InDoubt, Moved

    match error:
        case StoreAway():
            return message("commands", "store_away", language, {"why": error})
        case Unknown():
            return message("commands", "silent", language, {"why": error})
        case ArchiveAway():
            return message("commands", "archive_away", language, {"why": error})
        case Refused():
            return error.remedy(language)
        case Moved() | InDoubt():
            return message("publishing", "moved" if isinstance(error, Moved) else "in_doubt", language)
        case BrokenContent():
            return error.text_in(language) if language else str(error)
        case NoRevision():
            return f"{error}: shebao revisions"
        case CannotStart() | CannotPlay() | SealError() | ShardsDiffer():
            return str(error)
    return ""
