"""The resident's page: the conversation of the chat on a screen of its own. Off unless `page` is set."""

from bot.page.blueprint import page
from bot.page.links import Links

__all__ = ["Links", "page"]
