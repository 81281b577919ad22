"""A turn: one transaction from what the resident did to the answer, and what goes on without the resident."""
