"""Runs the steps: one file per kind. `bot.content.steps` has the table of all kinds."""
