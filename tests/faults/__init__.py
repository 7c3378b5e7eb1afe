"""What must survive crashes. An app only where SINK_FILE is set (tests.settings)."""
