"""The pure engine: `step(content, session, event) -> Turned`. Standard library only, no clock, no network."""
