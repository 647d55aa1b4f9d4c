"""Processes and threads that use one key table at once, and some that are killed while they do."""

import threading

from tests.udfs.keys.postgres import Server
from tests.udfs.keys.tables import Process, at_once, place, postgres, table
from udfs.keys.table import KeyTable, open_table

__all__ = ["place", "postgres", "table"]


def test_processes_that_make_the_table_at_once(place):
    made = at_once(place, 4, "", "t = open_table(sys.argv[1]); print(json.dumps(t.spend('g', 1, 9)))")
    assert made == [True] * 4
    assert open_table(place).spent("g") == 4


def test_processes_that_race_for_the_same_rows_get_the_same_keys(place, table):
    """Each in an order of its own, while one erases: nobody waits for ever, and nobody is handed another's key."""
    before = """
import random, secrets
t = open_table(sys.argv[1])
refs = [i.to_bytes(16, "big") for i in range(600)]
random.Random(NUMBER).shuffle(refs)
"""
    work = """
found = {}
for start in range(0, 600, 60):
    rows = [Row(r, "segment:a", 1, 1, secrets.token_bytes(40), 1) for r in refs[start : start + 60]]
    found |= {k.hex(): v.wrapped.hex() for k, v in t.get_or_add(rows).items()}
print(json.dumps(found))
"""
    first, *others = at_once(place, 3, before, work)
    assert len(first) == 600
    assert all(other == first for other in others)
    kept = table.find([i.to_bytes(16, "big") for i in range(600)])
    assert {k.hex(): v.wrapped.hex() for k, v in kept.items()} == first


def test_erasures_and_additions_that_race(place, table):
    before = "import secrets\nt = open_table(sys.argv[1])\nrefs = [i.to_bytes(16, 'big') for i in range(50)]"
    work = """
gone = 0
for n in range(30):
    chosen = refs[::-1] if NUMBER % 2 else refs
    t.get_or_add([Row(r, "segment:a", 1, 1, secrets.token_bytes(40), 1) for r in chosen])
    gone += len(t.erase(chosen, n))
print(json.dumps(gone))
"""
    processes = [Process(place, before, work.replace("NUMBER", str(n))).ready() for n in range(3)]
    for process in processes:
        process.go()
    assert sum(process.result() for process in processes) >= 50
    assert table.find([i.to_bytes(16, "big") for i in range(50)]) == {}


def test_a_process_that_is_killed_midway_leaves_nothing(place, table):
    before = """
import time
t = open_table(sys.argv[1])
def work(execute):
    execute("INSERT INTO weir_grant_use (grant_id, used) VALUES (?, ?)", ("g", 5))
    print("ready", flush=True)
    time.sleep(600)
t._database.run(work, write=True)
"""
    process = Process(place, before, "").ready()
    process.kill()
    assert table.spend("g", 3, 3)
    assert table.spent("g") == 3


def test_threads_share_a_table(table):
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.extend(table.spend("g", 1, 50) for _ in range(20))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count(True), results.count(False), table.spent("g")) == (50, 30, 50)


def test_four_processes_do_not_spend_more_than_permitted(place, table):
    work = "print(json.dumps(sum(t.spend('grant', 3, 500) for _ in range(100))))"
    granted = at_once(place, 4, "t = open_table(sys.argv[1])", work)
    assert sum(granted) == 166
    assert table.spent("grant") == 498


def test_a_deadlock_is_tried_again(postgres: Server):
    """Two that take the same two rows in opposite order: the server undoes one of them, which is done again."""
    url = postgres.url(postgres.new_schema())
    tables = [open_table(url), open_table(url)]
    for grant in "ab":
        tables[0].spend(grant, 1, 9)
    meet, attempts = threading.Barrier(2), []

    def work(table: KeyTable, order: str) -> None:
        first = [True]

        def statements(execute):
            attempts.append(order)
            for grant in order:
                execute("UPDATE weir_grant_use SET used = used + 1 WHERE grant_id = ?", (grant,))
                if first.pop() if first else False:
                    meet.wait(30)

        table._database.run(statements, write=True)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(tables, ("ab", "ba"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(attempts) >= 3
    assert [tables[0].spent(grant) for grant in "ab"] == [3, 3]
