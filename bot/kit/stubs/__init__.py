"""Invented services for development, and the table that names the service of each port."""
