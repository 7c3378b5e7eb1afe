"""Run tests/soaks/scanners.py, which says what it proves: make soak-scanners."""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    proofs = str(Path(__file__).with_name("scanners.py"))
    raise SystemExit(pytest.main([proofs, "-s", "-p", "no:cacheprovider", *sys.argv[1:]]))
