"""Flows as pictures, and what was counted in them."""
