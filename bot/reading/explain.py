"""Explains why a message is understood as it is, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator

from bot.reading.clean import Said
from bot.reading.guess import MOST, Guess, Guesser
from bot.reading.learn import grams, words

SHOWN = 6
"""The strongest grams shown for each of the best targets."""


def explain(guesser: Guesser, message: Said) -> Iterator[tuple[str, str]]:
    """Yields the layers in order, each with its result; "" for nothing. The decision comes last."""
    guess = guesser.guess(message)
    yield "cleaned", message.folded
    yield "phrase", guess.names[0] if guess.layer == "phrase" else ""
    yield "thing", guesser.others(message.folded)
    yield "gaps", " ".join(guesser.matching("".join(words(message.folded))))
    found = sorted(grams(words(message.folded)))
    last = guesser.model.names[-1]
    weights = {gram: guesser.model.weights(gram) for gram in found}
    best = [name for _, name in guesser.ranked(words(message.folded)) if name != last][:MOST]
    for name in (*best, last):
        told = sorted(
            ((row[name], gram) for gram, row in weights.items() if name in row), key=lambda x: -abs(x[0])
        )
        most = ", ".join(f"{gram.strip()} {weight:+}" for weight, gram in told[:SHOWN])
        yield "learnt", f"{'(nothing here)' if name == last else name} {sum(w for w, _ in told)}: {most}"
    yield "decision", _decision(guess)


def _decision(guess: Guess) -> str:
    if not guess.names:
        return "nothing: unknown, with the menu's first entries"
    if not guess.sure:
        return f"suggested: {' '.join(guess.names)}, then a person"
    more = f", then offered: {' '.join(guess.names[1 : guess.matters])}" if guess.matters > 1 else ""
    return f"at once ({guess.layer}): {guess.names[0]}{more}"
