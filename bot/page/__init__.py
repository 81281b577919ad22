"""The resident's page: the conversation of the chat on a screen of its own. Off unless `page` is set."""

from bot.page.authorisation import Authorisation
from bot.page.blueprint import page
from bot.page.links import Links
from bot.page.pictures import PageMedia, Pictures

__all__ = ["Authorisation", "Links", "PageMedia", "Pictures", "page"]
