"""The staff side of asking: surveys, contacts, files, segments, campaigns, keys."""
