"""What the service for visits can be asked. The only Python of this example."""

from bot.actions import CHANGED, DATE, REF, TEXT, action, listed
from bot.engine.flow import Field
from bot.kit.stubs.registry import prepared, register

TIME = Field("time")
ACTIONS = {
    "visits.times": listed("found none unavailable", "id_number outlet day near?", id=REF, time=TIME),
    "visits.book": action(CHANGED, "id_number time!", number=REF, day=DATE, time=TIME),
    "visits.find": action("found none unavailable", "visit", day=DATE, time=TIME, place=TEXT),
    "visits.booked": listed("found none unavailable", "id_number", id=REF, day=DATE, time=TIME, place=TEXT),
    "visits.cancel": action(CHANGED, "visit!"),
}


def add() -> None:
    register("visits", prepared, ACTIONS)
