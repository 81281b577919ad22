"""Draws flows as pictures, with their counts."""
