"""A resident's phone in the browser, for development: signed WeChat XML to the real webhook and back."""

from bot.kit.phone.blueprint import phone
from bot.kit.phone.clock import WorldClock
from bot.kit.phone.media import PhoneMedia

__all__ = ["PhoneMedia", "WorldClock", "phone"]
