"""Web pages: shared parts of the console and the phone."""
