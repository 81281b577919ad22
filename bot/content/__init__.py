"""What operators write: YAML with positions -> models -> the engine's frozen content, or findings.

- `read/`: a file (`source` has the place of each part, `compose` the parser's events, `typo_checks` slips of
  the keyboard), its keys (`models`, `forms`, `validation`), and what each kind of file says.
- `load` puts them together; `steps/` has a file for each kind of step, `files` a revision and its hash.
- `check/`: `all` runs the checks of flows, of words, and of what is between files; `report` prints findings.
- `drawing/`: flows as pictures. `messages/`: what is said to operators. `schema`, `scaffold`: for newcomers.
- Free words of residents: `masking` says what may be kept of them.
"""
