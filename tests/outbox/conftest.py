from tests.faults.conftest import sink_file, write_down  # noqa: F401  shared fixtures
