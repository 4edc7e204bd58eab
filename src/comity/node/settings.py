"""Django's settings, the same for every node: what differs stands in the node's own folder (`node.toml`).

* The default database is a stand-in that refuses every use: code reaches tables only inside `with node.active():`.
* The secret key here is random per process; a served node puts its own in its place (`node/wsgi.py`), so that sessions
  outlive a restart.
* Nothing is fetched from elsewhere: pages may use only what this node serves, and no script or style within a page.
"""

import secrets
from pathlib import Path
from typing import Any

import django.conf.locale
from csp.constants import NONE, SELF

WEB = Path(__file__).parents[1] / "web"
DESKS = (
    "shell",
    "login",
    "officials",
    "signing",
    "record",
    "public",
    "defence",
    "investigator",
    "judge",
    "liaison",
    "custodian",
    "overseer",
    "log",
    "law",
)

SECRET_KEY = secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", "[::1]"]
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "comity.registry",
]
MIDDLEWARE = [
    "comity.web.shell.hardening.HardeningMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "comity.web.shell.hardening.ElsewhereMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comity.web.shell.session.SeatMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / desk / "templates" for desk in DESKS],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "comity.web.shell.session.surroundings",
            ],
            "builtins": ["comity.web.shell.templatetags.doubt"],
            "libraries": {"look": "comity.web.shell.templatetags.look"},
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
ROOT_URLCONF = "comity.node.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

# what a browser may do with our pages
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_NAME = "comity_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "comity.web.shell.refusals.stale"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "comity_session"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["comity.web.shell.uploads.NoUpload"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [WEB / "shell" / "static", WEB / "law" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("nl", "Nederlands"),
    ("pt", "Português"),
]
PSEUDO = "qps"
"""A language that nobody speaks, written from right to left: it shows what is not translated or not mirrored."""

django.conf.locale.LANG_INFO[PSEUDO] = {
    "bidi": True,
    "code": PSEUDO,
    "name": "Pseudo",
    "name_local": "⟦Pseudo⟧",
}
LANGUAGES_BIDI = ["he", "ar", "ar-dz", "fa", "ug", "ur", PSEUDO]
FORMAT_MODULE_PATH = ["comity.node.formats"]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
LANGUAGE_COOKIE_NAME = "comity_language"
LANGUAGE_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_HTTPONLY = True

LOGGING: dict[str, Any] = {"version": 1, "disable_existing_loggers": False}
