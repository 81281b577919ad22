"""`python -m bot.cli`: what `shebao` runs, for processes that start others of their own."""

from bot.cli import main

main()
