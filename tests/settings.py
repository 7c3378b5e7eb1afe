"""The product's settings, with what only tests need."""

import os
import tempfile

os.environ.setdefault("VERBATIM_DATA", tempfile.mkdtemp(prefix="verbatim-test-"))
os.environ.setdefault("BASE_URL", "http://localhost:8000")

from config.settings import *  # noqa: F403
from config.settings import DATABASES, IS_SQLITE, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OUTBOX_BELL = False  # tests ring when they mean to
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
if IS_SQLITE:
    # A file, so that threads and real worker processes see the same database.
    DATABASES["default"]["TEST"] = {
        "NAME": os.path.join(os.environ["VERBATIM_DATA"], "test.sqlite3")
    }
