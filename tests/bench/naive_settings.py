"""The app of an afternoon: what `startproject` gives, a connection per request included."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES
from config.settings import INSTALLED_APPS as _apps

INSTALLED_APPS = [name for name in _apps if not name.startswith("allauth")]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.bench.naive"
DATABASES["default"].pop("CONN_HEALTH_CHECKS", None)
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["OPTIONS"] = {}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
