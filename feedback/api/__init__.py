"""The REST API of this room: responses and themes."""
