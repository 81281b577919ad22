"""Reads what residents write. Pure: the standard library and opencc; slot types and choices, no session.

- `clean`: removes what the phone adds, keeps what was said (`Said`), folded once for all comparisons.
- `secrets`: removes passwords and codes before anything else reads the message.
- `agree`: recognises a plain yes or no; nothing else decides.
- `choices`, `find`: read the answer to an open question, one reader per type of slot; `numbers`, `dates`,
  `names` (with `family_names`), `places` and `nearby` read theirs, `numerals` spoken numbers; `rejected`:
  which of the values are denied; `results`: their results.
- `remarks`: recognises what is no answer (why, wait, I do not know) by the content's phrases; `signals`:
  tells talk from a name or an address.
- `corrections`: recognises that an answer is taken back.
- `guess`: finds the flow or page that free words are about, by a model that `learn` trains on phrases;
  `explain`: shows why; `evaluate`: measures how well.
"""
