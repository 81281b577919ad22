"""Reads YAML with positions into models, and models into the engine's content."""
