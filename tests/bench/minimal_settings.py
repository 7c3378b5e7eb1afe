"""Settings of the yardstick: the product's database and nothing else."""

from config.settings import *  # noqa: F403

INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.bench.minimal"
