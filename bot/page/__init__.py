"""The resident's page: the conversation of the chat on a screen of its own. Off unless `page` is set."""
