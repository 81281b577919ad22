"""Tools for development and tests: replays, the phone in the browser, invented services."""
