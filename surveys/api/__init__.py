"""The REST API of this room, and what every API view of the product stands on."""
