"""Django's settings, the same for every node: what differs stands in the node's own folder (`node.toml`).

* The default database is a stand-in that refuses every use: code reaches tables only inside `with node.active():`.
* The secret key is random per process: nothing that outlives a process is signed with it.
"""

import secrets
from typing import Any

SECRET_KEY = secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", "[::1]"]
INSTALLED_APPS = ["comity.registry"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "comity.node.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
LOGGING: dict[str, Any] = {"version": 1, "disable_existing_loggers": False}
