"""Turns the errors of every command into one sentence in the command's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from bot.store.seal import SealError

LANGUAGES = ("zh-CN", "en")
_LANGUAGE = "bot.cli.language"


def lang(about: str, default: str = "en", exposed: bool = True) -> Callable[[Any], Any]:
    """Adds `--lang` to a command that has both languages. Not `exposed`: only `said` needs it."""

    def keep(context: click.Context, _: click.Parameter, value: str) -> str:
        if context.get_parameter_source("lang") is ParameterSource.DEFAULT:
            return str(context.meta.setdefault(_LANGUAGE, value))  # the group's, if that was told
        context.meta[_LANGUAGE] = value
        return value

    kinds = click.Choice(LANGUAGES)
    return click.option(
        "--lang", type=kinds, default=default, help=about, callback=keep, expose_value=exposed
    )


SPEAKS = lang("Language of the answers.", exposed=False)


def language() -> str:
    """Returns `--lang` of the command, "" if it has none."""
    context = click.get_current_context(silent=True)
    return str(context.meta.get(_LANGUAGE, "")) if context else ""


def said(code: str, **about: Any) -> str:
    """Returns a sentence of `commands.yaml`, in the language of the command."""
    from bot.content.messages import message

    return message("commands", code, language(), about)


def refusal(code: str, **about: Any) -> click.ClickException:
    return click.ClickException(said(code, **about))


def unopened(error: SealError) -> str:
    """Returns why something that is kept cannot be read."""
    from bot.store.seal import OpensElsewhere

    return said("opens_elsewhere" if isinstance(error, OpensElsewhere) else "opens_never", why=error)


class Commands(click.Group):
    """A group whose commands, in its groups too, report known errors as a sentence."""

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
        case SealError():
            return unopened(error)
        case OSError() if error.filename is not None:
            return message("commands", "no_file", language, {"file": error.filename, "why": error.strerror})
        case CannotStart() | CannotPlay() | ShardsDiffer():
            return str(error)
    return ""
