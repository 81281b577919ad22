"""What the contributions service can be asked. The only Python of this example."""

from bot.actions import REF, TEXT, listed
from bot.kit.stubs.registry import prepared, register

ACTIONS = {
    "contributions.years": listed("found none unavailable", "id_number", id=REF, title=TEXT, paid=TEXT),
    "contributions.months": listed("found none unavailable", "id_number year", title=TEXT, base=TEXT),
}


def add() -> None:
    register("contributions", prepared, ACTIONS)
