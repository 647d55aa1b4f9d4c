"""Where a key table is: files that are for others too, databases that are not there or refuse; no password is shown."""

import os
import stat
import threading
import time

import pytest

from tests.udfs.keys.postgres import PASSWORD, Server
from tests.udfs.keys.tables import AT, postgres, row, rows, shown
from udfs.keys import KeysError, KeysUnavailable
from udfs.keys._postgres import _needs_encryption
from udfs.keys._sqlite import Sqlite
from udfs.keys.table import KeyTable, open_table

__all__ = ["postgres"]

# Files


def test_a_file_that_is_locked_for_too_long(tmp_path):
    path = tmp_path / "keys.db"
    table, other = KeyTable(Sqlite(str(path), wait=0.1)), Sqlite(str(path))
    table.get_or_add([row(bytes(16))])
    other._connection.execute("BEGIN IMMEDIATE")
    for action in (lambda: table.get_or_add(rows(1)), lambda: table.erase([bytes(16)], AT)):
        with pytest.raises(KeysUnavailable, match="locked"):
            action()
    assert len(table.find([bytes(16)])) == 1  # who reads does not wait
    other._connection.execute("COMMIT")
    assert len(table.get_or_add(rows(1))) == 1


def test_who_writes_has_the_file_from_the_beginning(tmp_path):
    """What is read in a change is still so when it is written."""
    path = tmp_path / "keys.db"
    first, second = open_table(path), KeyTable(Sqlite(str(path), wait=0.1))

    def work(execute):
        assert execute("SELECT COUNT(*) FROM weir_grant_use", ()) == [(0,)]
        with pytest.raises(KeysUnavailable, match="locked"):
            second.spend("g", 1, 1)
        execute("INSERT INTO weir_grant_use (grant_id, used) VALUES (?, ?)", ("g", 1))

    first._database.run(work, write=True)
    assert not second.spend("g", 1, 1)


def test_a_file_that_is_locked_for_a_while(tmp_path):
    path = tmp_path / "keys.db"
    table, other = open_table(path), Sqlite(str(path))
    other._connection.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.5, lambda: other._connection.execute("COMMIT"))
    timer.start()
    assert len(table.get_or_add(rows(1))) == 1
    timer.join()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o610, 0o666])
def test_a_file_that_others_may_use_is_refused(tmp_path, mode):
    path = tmp_path / "keys.db"
    open_table(path).close()
    path.chmod(mode)
    with pytest.raises(KeysError, match="for its owner alone") as caught:
        open_table(path)
    assert f"chmod 600 {path}" in str(caught.value)
    assert not isinstance(caught.value, KeysUnavailable)


def test_files_are_made_for_the_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        table = open_table(f"sqlite:///{tmp_path}/keys.db")
        table.get_or_add(rows(1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"keys.db": 0o600, "keys.db-wal": 0o600, "keys.db-shm": 0o600}


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_table("sqlite:///keys.db").close()
    open_table("more.db").close()
    assert {path.name for path in tmp_path.iterdir()} == {"keys.db", "more.db"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"not a database, but a text that is longer than its header" * 20, "not a database"), (None, "regular file")],
)
def test_a_file_that_is_something_else(tmp_path, content, problem):
    path = tmp_path / "keys.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(KeysError, match=problem) as caught:
        open_table(path)
    assert str(path) in str(caught.value)
    assert content is None or path.read_bytes() == content


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(KeysError, match="cannot be created"):
        open_table(tmp_path / "absent" / "keys.db")


def test_a_link(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "keys.db")
    with pytest.raises(KeysError, match="cannot be read"):
        open_table(tmp_path / "link.db")
    open_table(tmp_path / "keys.db").spend("g", 1, 1)
    assert open_table(tmp_path / "link.db").spent("g") == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///",
        "sqlite://keys.db",
        f"mysql://weir:{PASSWORD}@db/weir",
        f"postgresql+psycopg://weir:{PASSWORD}@db/weir",
        f"postgresql://weir:{PASSWORD}@db:port:1/weir?[",
        f"postgresql://weir:{PASSWORD}@db/weir?nonsense={PASSWORD}",
        f"postgresql://weir:{PASSWORD}%zz@db/weir",
    ],
)
def test_an_address_that_is_none(url):
    with pytest.raises(KeysError) as caught:
        open_table(url)
    assert PASSWORD not in shown(caught)
    assert "postgresql://" in str(caught.value)


# PostgreSQL


def test_a_server_that_is_not_there():
    started = time.monotonic()
    with pytest.raises(KeysUnavailable, match=r"postgresql://127\.0\.0\.1:1/weir") as caught:
        open_table(f"postgresql://weir:{PASSWORD}@127.0.0.1:1/weir")
    assert PASSWORD not in shown(caught)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("user", "password"), [("weir", "wrong-password-7f3a"), ("nobody-7f3a", PASSWORD), ("weir", "")]
)
def test_a_user_that_is_refused(postgres: Server, user, password):
    with pytest.raises(KeysUnavailable) as caught:
        open_table(postgres.url(user=user, password=password))
    text = shown(caught)
    assert not any(secret in text for secret in (PASSWORD, "wrong-password-7f3a"))
    assert "PGPASSFILE" in text


def test_a_password_from_the_environment(postgres: Server, tmp_path, monkeypatch):
    url = postgres.url(postgres.new_schema(), password="").replace(":@", "@")
    with pytest.raises(KeysUnavailable):
        open_table(url)
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:weir:{PASSWORD}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert open_table(url).spend("g", 1, 1)
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert open_table(url).spent("g") == 1


def test_a_user_who_may_not_make_tables(postgres: Server):
    schema = postgres.new_schema()
    role = f"r{schema}"
    postgres.run(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    postgres.run(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    with pytest.raises(KeysUnavailable, match="42501") as caught:
        open_table(postgres.url(schema, user=role))
    assert PASSWORD not in shown(caught)
    open_table(postgres.url(schema)).close()
    tables = ", ".join(f"{schema}.{name}" for name in ("weir_subject_key", "weir_subject_name", "weir_grant_use"))
    postgres.run(f"GRANT SELECT, INSERT, UPDATE ON {tables} TO {role}")
    table = open_table(postgres.url(schema, user=role))
    (reference,) = table.get_or_add([row()])
    assert table.erase([reference], AT) == [reference]
    assert table.spend("g", 1, 1)


def lose_connections(server: Server) -> None:
    server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir'")


def test_a_connection_that_was_lost_is_made_anew(postgres: Server):
    table = open_table(postgres.url(postgres.new_schema()))
    added = table.get_or_add(rows(2))
    lose_connections(postgres)
    assert table.find(list(added)) == added
    lose_connections(postgres)
    assert table.spend("g", 2, 3)
    assert table.spent("g") == 2


def test_a_connection_that_is_lost_midway_leaves_nothing(postgres: Server):
    url = postgres.url(postgres.new_schema())
    table = open_table(url)

    calls = []

    def work(execute):
        calls.append(1)
        execute("INSERT INTO weir_grant_use (grant_id, used) VALUES (?, ?)", ("g", 5))
        lose_connections(postgres)
        execute("INSERT INTO weir_grant_use (grant_id, used) VALUES (?, ?)", ("h", 5))

    with pytest.raises(KeysUnavailable) as caught:
        table._database.run(work, write=True)
    assert PASSWORD not in shown(caught)
    assert (table.spent("g"), table.spent("h")) == (0, 0)
    assert len(calls) == 1  # who writes does not know whether it happened, so does not try again


def test_a_server_that_stops_and_starts(postgres: Server):
    table = open_table(postgres.url(postgres.new_schema()))
    added = table.get_or_add(rows(2))
    postgres.stop()
    try:
        for action in (lambda: table.find(list(added)), lambda: table.spend("g", 1, 1), lambda: table.erase([], AT)):
            with pytest.raises(KeysUnavailable) as caught:
                action()
            assert PASSWORD not in shown(caught)
    finally:
        postgres.start()
    assert table.find(list(added)) == added


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ({"host": "db.example"}, {}, True),
        ({"host": "10.0.0.7"}, {}, True),
        ({"hostaddr": "10.0.0.7"}, {}, True),
        ({"host": "localhost,db.example"}, {}, True),
        ({}, {"PGHOST": "db.example"}, True),
        ({"host": "localhost"}, {}, False),
        ({"host": "127.0.0.1"}, {}, False),
        ({"host": "::1"}, {}, False),
        ({"host": "/var/run/postgresql"}, {}, False),
        ({}, {}, False),
        ({"host": "db.example", "sslmode": "verify-full"}, {}, False),
        ({"host": "db.example", "service": "weir"}, {}, False),
        ({"host": "db.example"}, {"PGSSLMODE": "verify-ca"}, False),
    ],
)
def test_what_leaves_the_machine_is_encrypted(monkeypatch, given, environment, expected):
    for name in ("PGHOST", "PGSSLMODE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert _needs_encryption(given) is expected
