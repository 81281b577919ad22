"""What a run does at its steps: one file a kind. `bot.content.steps` has the table of all kinds."""
