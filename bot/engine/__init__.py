"""The pure engine: `step(content, session, event) -> StepResult`. No clock, no network, no store."""
