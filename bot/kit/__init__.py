"""For those who build and test: replays, the phone in the browser, invented services."""
