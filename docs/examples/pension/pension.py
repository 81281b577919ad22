"""What the pension service can be asked. The only Python of this example."""

from bot.actions import CHANGED, DATE, MAYBE, REF, EventKind, action
from bot.engine.flow import Field
from bot.kit.stubs.registry import prepared, register

STATE = Field("code", ("due", "done"))
PROOF = Field("code", ("confirmed", "rejected"))
ACTIONS = {
    "pension.find": action("found none unavailable", "id_number certificate?", id=REF, state=STATE, due=DATE),
    "pension.recheck": action("found none unavailable", "pension", state=STATE, due=DATE),
    "pension.certify": action(CHANGED, "pension! image", number=REF, due=DATE),
    "pension.proof": action("found none unavailable", "proof", number=REF, state=PROOF, reason=MAYBE),
}
EVENTS = {"pension.proof": EventKind("pension.certify", "pension.proof")}


def add() -> None:
    register("pension", prepared, ACTIONS, EVENTS)
