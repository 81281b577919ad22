"""A resident's phone in the browser, for development: signed WeChat XML to the real webhook and back."""

from bot.web.phone.clock import WorldClock
from bot.web.phone.media import PhoneMedia
from bot.web.phone.room import phone

__all__ = ["PhoneMedia", "WorldClock", "phone"]
