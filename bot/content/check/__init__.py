"""What can be judged of content before anybody meets it."""
