"""The operators' console in the browser: off unless SHEBAO_CONSOLE_USERS names somebody."""

from bot.console.bench import Bench
from bot.console.blueprint import console
from bot.console.trial import DraftAnswers
from bot.console.wechat import WeChat, over

__all__ = ["Bench", "DraftAnswers", "WeChat", "console", "over"]
