"""A turn: one transaction from an event of the resident to the answer; also calls, timers and pushes."""
