"""A dialog of five prompts in Bot Framework, its state in Redis; no HTTP, no XML, no deduplication."""

import asyncio
import json
import os

import redis
from botbuilder.core import (
    BotAdapter,
    ConversationState,
    MemoryStorage,
    Storage,
    TurnContext,
)
from botbuilder.dialogs import (
    DialogSet,
    DialogTurnStatus,
    WaterfallDialog,
    WaterfallStepContext,
)
from botbuilder.dialogs.prompts import PromptOptions, PromptValidatorContext, TextPrompt
from botbuilder.schema import Activity, ActivityTypes, ChannelAccount, ConversationAccount, ResourceResponse
from jsonpickle.pickler import Pickler
from jsonpickle.unpickler import Unpickler

client = redis.Redis.from_url(os.environ["BENCH_REDIS"])


class RedisStorage(Storage):
    """As the package's own storages for CosmosDB and blobs write it: jsonpickle, one value a key."""

    async def read(self, keys: list[str]) -> dict[str, object]:
        found = {key: client.get(key) for key in keys}
        return {key: Unpickler().restore(json.loads(held)) for key, held in found.items() if held}

    async def write(self, changes: dict[str, object]) -> None:
        for key, value in changes.items():
            client.set(key, json.dumps(Pickler(keys=True).flatten(value)), ex=3600)

    async def delete(self, keys: list[str]) -> None:
        client.delete(*keys)


class Adapter(BotAdapter):
    """Collects what the bot says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        self.said += [a.text or "" for a in activities]
        return [ResourceResponse(id="") for _ in activities]

    async def update_activity(self, context, activity): ...  # type: ignore[no-untyped-def]

    async def delete_activity(self, context, reference): ...  # type: ignore[no-untyped-def]


async def _some(prompt: PromptValidatorContext) -> bool:
    return bool(prompt.recognized.value)


def _asks(text: str):  # type: ignore[no-untyped-def]
    async def step(context: WaterfallStepContext):  # type: ignore[no-untyped-def]
        context.values[text] = context.result
        prompt = Activity(type=ActivityTypes.message, text=text)
        return await context.prompt("text", PromptOptions(prompt=prompt, retry_prompt=prompt))

    return step


async def _done(context: WaterfallStepContext):  # type: ignore[no-untyped-def]
    await context.context.send_activity("Done.")
    return await context.end_dialog()


state = ConversationState(RedisStorage() if client else MemoryStorage())
dialogs = DialogSet(state.create_property("dialog"))
dialogs.add(TextPrompt("text", _some))
questions = ("Do you agree?", "Your ID number?", "Your name?", "The code?", "Shall we?")
dialogs.add(WaterfallDialog("main", [*map(_asks, questions), _done]))
adapter, loop = Adapter(), asyncio.new_event_loop()


async def _turn(context: TurnContext) -> None:
    dialog = await dialogs.create_context(context)
    if (await dialog.continue_dialog()).status == DialogTurnStatus.Empty:
        await dialog.begin_dialog("main")
    await state.save_changes(context)


def say(openid: str, text: str) -> str:
    """One message through the dialog; what the bot said."""
    activity = Activity(
        type=ActivityTypes.message,
        text=text,
        channel_id="bench",
        from_property=ChannelAccount(id=openid),
        recipient=ChannelAccount(id="bot"),
        conversation=ConversationAccount(id=openid),
        service_url="http://bench",
    )
    adapter.said.clear()
    loop.run_until_complete(adapter.run_pipeline(TurnContext(adapter, activity), _turn))
    return " ".join(adapter.said)
