"""What operators write: YAML with positions -> models -> the engine's frozen content, or findings."""
