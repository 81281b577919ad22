"""Reading what residents write. Pure: the standard library and opencc; slot types and choices, no session.

- `clean`: what the phone adds goes, what was said stays (`Said`), folded once for all who compare.
- `secrets`: passwords and codes go before anything else reads the message.
- `agree`: a plain yes or no; nothing else decides.
- `choices`, `find`: the answer to an open question, one reader for each type of slot; `numbers`, `dates`,
  `names` (with `family_names`) and `places` read theirs, `numerals` what is spoken; `results`: what comes.
- `remarks`: what is no answer (why, wait, I do not know), in the forms that content holds; `signals`: by what
  a reader tells talk from a name or an address.
- `corrections`: taking an answer back.
- `guess`: which flow or page free words are about, by what was `learn`t from phrases; `explain`: why;
  `evaluate`: how well.
"""
