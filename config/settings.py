"""All settings. The environment is read here, once, and loudly.

docs/operate.md lists every variable. Without any of them this is the embedded
installation: SQLite, generated secrets and mail kept in files, all in `var/`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from config.embedded import data_dir, ensure_secrets
from config.looks import UNFOLD  # noqa: F401
from config.mail import mail_settings
from config.openapi import SPECTACULAR_SETTINGS  # noqa: F401  how the API documents itself
from config.work import celery_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir()

env = environ.Env()
IS_EMBEDDED = not env.str("SECRET_KEY", default="")
if IS_EMBEDDED:
    env.read_env(str(ensure_secrets(DATA_DIR)))


def _link_keys(text: str) -> dict[str, str]:
    """Read `id:secret,id:secret`: the first signs new links, all of them open old ones."""
    keys = dict(part.strip().partition(":")[::2] for part in text.split(",") if part.strip())
    if not keys or any(len(key) != 1 or len(secret) < 32 for key, secret in keys.items()):
        raise ImproperlyConfigured(
            "LINK_KEYS: expected one-letter ids with secrets of 32 characters or more, "
            "like 'b:NEWSECRET,a:OLDSECRET'. `manage.py generate_secrets` prints a good one."
        )
    return keys


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
LINK_KEYS = _link_keys(env.str("LINK_KEYS", default=""))
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY: needs at least 50 characters of randomness.")

# ---- Where we are --------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
HOST = env.str("HOST", default="127.0.0.1")  # what `make run` listens on; 0.0.0.0 is everywhere
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in ("http", "https") or not _base.hostname:
    raise ImproperlyConfigured(
        f"BASE_URL: {BASE_URL!r} is not an address like https://ask.example.com"
    )
IS_HTTPS = _base.scheme == "https"
_LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
IS_PUBLIC = _base.hostname not in ("localhost", "127.0.0.1", "::1")
if IS_PUBLIC and not IS_HTTPS and not env.bool("ALLOW_HTTP", default=False):
    raise ImproperlyConfigured(
        f"BASE_URL: {BASE_URL} would send passwords and answers in the clear. Use https://, "
        "or set ALLOW_HTTP=true on a network where nobody listens."
    )
if IS_PUBLIC and DEBUG:
    raise ImproperlyConfigured("DEBUG shows secrets to strangers: unset it where others can come.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_base.hostname, *_LOCAL_HOSTS])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# How many proxies stand before us: the client's address is read that far from the right.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---- Applications, lowest layer first ------------------------------------------------
INSTALLED_APPS = [
    "outbox",
    "surveys",
    "feedback",
    "analytics",
    "analytics.scores",
    "analytics.exports",
    "analytics.digests",
    "analytics.success",
    "analytics.care",
    "analytics.voice",  # before targets, which may be set on its metrics
    "analytics.targets",
    "integrations",
    "config",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "feedback.public.PublicPagesMiddleware",  # /s/ pages go no further: no cookies, no sessions
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.StaffPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "outbox.staff.shell.context",
            ],
        },
    },
]

# ---- Database ------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/verbatim.sqlite3")}
_database = DATABASES["default"]
IS_SQLITE = _database["ENGINE"].endswith("sqlite3")
if IS_SQLITE and env.bool("LEAN", default=False):
    # `make run`: unfold and DRF load PostgreSQL's client wherever they find it, 12 MB a process.
    sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]
if IS_SQLITE:
    # Measured: without IMMEDIATE 92 % of read-then-write transactions of eight writers fail.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    # So high that nothing is prepared but what asks for it (outbox.prepared).
    _database["OPTIONS"].setdefault("prepare_threshold", 1_000_000_000)
    _database["CONN_HEALTH_CHECKS"] = True
# SQLite has one writer, and one lock in one process keeps its queue short (outbox.transactions).
WEB_PROCESSES = env.int("WEB_PROCESSES", default=1 if IS_SQLITE else 2)
if IS_SQLITE and WEB_PROCESSES > 1:
    raise ImproperlyConfigured("WEB_PROCESSES: SQLite takes one; for more, set DATABASE_URL.")
WORKER_PROCESSES = env.int("WORKER_PROCESSES", default=1 if IS_SQLITE else 2)
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
# A streaming replica that reports and exports read while it is fresh enough (outbox.replica).
if env.str("REPLICA_URL", default=""):
    if IS_SQLITE:
        raise ImproperlyConfigured(
            "REPLICA_URL: SQLite has no replicas; set DATABASE_URL to a PostgreSQL."
        )
    _replica = env.db("REPLICA_URL")
    _replica.setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
    _replica["OPTIONS"].setdefault("prepare_threshold", 1_000_000_000)
    _replica |= {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": _database["CONN_MAX_AGE"]}
    _replica["TEST"] = {"MIRROR": "default"}
    DATABASES["replica"] = _replica
    DATABASE_ROUTERS = ["outbox.replica.Router"]
REPLICA_MAX_LAG = env.float("REPLICA_MAX_LAG", default=30.0)  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Outbox, Celery, Redis -----------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
OUTBOX_BELL = env.bool("OUTBOX_BELL", default=True)
# After its end a period takes in late answers so many days; then its figures are kept for good.
SETTLING_DAYS = env.int("SETTLING_DAYS", default=7)
if not 0 <= SETTLING_DAYS <= 365:
    raise ImproperlyConfigured(f"SETTLING_DAYS: {SETTLING_DAYS} is not a number from 0 to 365.")
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=5.0)
# What workers listen to when not told otherwise; new answers never wait behind mail or history.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"work": {}, "mail": {}, "history": {}}
vars().update(celery_settings(REDIS_URL, data_dir=DATA_DIR, sweep_seconds=SWEEP_SECONDS))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    # Rate limits and locks live in the database, so nothing depends on a shared cache.
}

# ---- Mail ----------------------------------------------------------------------------
_mail = mail_settings(env)
vars().update(_mail)
# Named once more, because types are read from the text of this file.
BOUNCE_ADDRESS: str = _mail["BOUNCE_ADDRESS"]
BOUNCE_MAILBOX: str = _mail["BOUNCE_MAILBOX"]
EMAIL_EVENTS: str = _mail["EMAIL_EVENTS"]
EMAIL_PROVIDER: str = _mail["EMAIL_PROVIDER"]
MAILS_PER_SECOND_TO_A_DOMAIN: float = _mail["MAILS_PER_SECOND_TO_A_DOMAIN"]
MAIL_DIR = DATA_DIR / "mail"

# ---- Language and time ---------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE", default="en")[:2] if env.str("LANGUAGE", default="") else "en"
LANGUAGES = [
    ("en", "English"),
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
]
# What customers read is complete in every language; staff pages are in those somebody began.
LOCALE_PATHS = [BASE_DIR / "config" / "locale", BASE_DIR / "config" / "locale_staff"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")  # the workspace's zone: decides where a day ends
USE_I18N = True
USE_TZ = True
FORMS_URLFIELD_ASSUME_HTTPS = True
USE_THOUSAND_SEPARATOR = True

# ---- Static files --------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(DATA_DIR / "static"))()
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

# ---- Staff login ---------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["config.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/admin/"
LOGOUT_REDIRECT_URL = "/admin/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "config.accounts.ClosedAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# ---- Browser security ----------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = (
    "same-origin"  # public pages set strict-origin; no-referrer breaks CSRF checks
)
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
if IS_HTTPS:
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# unfold's Alpine.js evaluates attributes, so model forms need two relaxations; our own
# staff pages do not (config.middleware decides per page).
STAFF_FORMS_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
}
STAFF_PAGES_POLICY = {"font-src": [SELF], "frame-src": [SELF], "img-src": [SELF, "data:"]}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
SURVEY_BODY_LIMIT = 65_536  # bytes a customer's answer may have
COMMENT_LIMIT = 5_000  # characters of one comment

# ---- API -----------------------------------------------------------------------------
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=600)  # for each key
TRACK_CALLS_PER_MINUTE = env.int("TRACK_CALLS_PER_MINUTE", default=6000)  # for each tracking key
TRACK_CALLS_PER_MINUTE_OF_NETWORK = env.int("TRACK_CALLS_PER_MINUTE_OF_NETWORK", default=240)
API_BODY_LIMIT = 65_536  # bytes of a call about one thing
API_BULK_LIMIT = 4_194_304  # bytes of a call with up to 1,000 rows
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "surveys.access.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["surveys.access.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": TRUSTED_PROXIES,
}

# ---- Logs: events with keys, never addresses, comments or links ----------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "ERROR"},  # a letter without a shape is counted and said in the document
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
