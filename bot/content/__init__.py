"""What operators write: YAML with positions -> models -> the engine's frozen content, or findings.

In the order in which to read it:

- A file: `source` (YAML with the place of each part, findings), `compose` (of the parser's events), `typed`
  (slips of the keyboard), `models` and `forms` (keys and values, for pydantic), `shape` (pydantic's errors).
- Content: `load` puts it together from `flows`, `languages` with `words`, `policy_file`, `menu_file` with
  `menu`; beside it `config_files`, `stub_file`. `files`: a revision and its hash; `changes`: two of them.
- Checks: `check` runs them. One flow: `flow_check` with `names`, `by_time`, `reach` (the steps as a graph).
  What is given at a step: `given` with `facts`. Words: `texts`, `engine_texts`, `wording` with `lengths`,
  `collisions`. Between files: `upkeep`. What they take apart: `routes` (next), `variants` (texts), `walk`.
- What is said to operators: `messages`; `report` prints findings.
- For editors and newcomers: `schema`, `scaffold`. Pictures: `graph`, drawn by `svg`, and
  by `dot` with the counts that `figures` adds up.
- Free words of residents: `match` guesses what they mean, `masking` says what may be kept of them.
- The account: `live_menu`, `errcodes`; `doctor` with `probes`. Commands: `commands`, `account_commands`.
"""
