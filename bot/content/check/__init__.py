"""Checks of content before it is served."""
