"""The phone, without and with a browser."""
