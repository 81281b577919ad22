"""A resident's phone in the browser, for development: signed WeChat XML to the real webhook and back."""

from bot.kit.phone.clock import WorldClock
from bot.kit.phone.media import PhoneMedia
from bot.kit.phone.room import phone

__all__ = ["PhoneMedia", "WorldClock", "phone"]
