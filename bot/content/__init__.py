"""What operators write: YAML with positions -> models -> the engine's frozen content, or findings.

- `read/`: reads a file (`source` has the place of each part, `compose` the parser's events, `typo_checks`,
  `parser_errors` and `value_checks` typing errors, `overlay` a city over the release), its keys (`models`,
  `forms`, `validation`), and each kind of file.
- `load` combines them; `steps/` has a file for each kind of step, `files` a revision and its hash.
- `check/`: `all` runs the checks of flows, of texts, and across files; `report` prints findings.
- `drawing/`: draws flows. `messages/`: texts for operators. `schema`, `scaffold`: for newcomers.
- `training` trains a guesser in another process; `masking` decides what may be kept of residents' free words.
"""
