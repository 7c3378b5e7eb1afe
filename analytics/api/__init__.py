"""The REST API of this room: scores and exports."""
