"""Reading what residents write. Pure: the standard library and opencc; slot types and choices, no session.

- `clean`: what the phone adds goes, what was said stays (`Said`), folded once for all who compare.
- `numerals`: digits and numbers as they are spoken.
- `agree`: a plain yes or no; nothing else decides.
- `choices`, `find`: the answer to an open question, one reader for each type of slot.
- `guess`: which flow or page free words are about, by what was `learn`t from phrases; `explain`: why;
  `evaluate`: how well.
"""
