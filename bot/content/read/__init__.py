"""From YAML with positions to models, and from those to the engine."""
