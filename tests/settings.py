"""The product's settings, with what only tests need."""

import gc
import os
import tempfile

if "VERBATIM_DATA" not in os.environ:  # real processes of a test share its directory
    os.environ["VERBATIM_DATA"] = tempfile.mkdtemp(prefix="verbatim-test-")
os.environ.setdefault("BASE_URL", "http://localhost:8000")

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS, IS_SQLITE, STORAGES, env

# Searching for garbage as often as Python does takes a quarter of a run, for all of Django and
# of the tests is walked through and stays.
gc.set_threshold(50_000, 20, 100)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OUTBOX_BELL = env.bool("OUTBOX_BELL", default=False)  # tests ring when they mean to
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # no collectstatic before tests
if IS_SQLITE:
    # A file, so that threads and real worker processes see the same database.
    DATABASES["default"]["TEST"] = {
        "NAME": os.path.join(os.environ["VERBATIM_DATA"], "test.sqlite3")
    }
if "SINK_FILE" in os.environ:  # a process of a fault test: its work leaves a trace in a file
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]
