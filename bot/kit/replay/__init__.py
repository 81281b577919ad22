"""Recorded conversations: played again, recorded, measured, and searched for what breaks them."""
