"""`python -m bot.cli`: the `shebao` command, for processes that start others of their own."""

from bot.cli import main

main()
