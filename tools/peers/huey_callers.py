"""huey's SqliteHuey for the bench: threads that enqueue, dequeue and execute. `python huey_callers.py FOLDER`."""

import json
import logging
import sqlite3
import sys
import threading
import time
from pathlib import Path

from huey import SqliteHuey

logging.disable(logging.CRITICAL)
file = Path(sys.argv[1]) / "huey.db"
# as shipped it syncs at checkpoints only; so many threads wait longer for each other than its five seconds
huey = SqliteHuey(filename=str(file), fsync=True, timeout=60)
began = []


@huey.task()
def job():
    began.append(time.perf_counter())
    # what is nothing leaves no trace: its end would not be written
    return 1


def rate(callers, seconds, n):
    start, finished = time.perf_counter(), [0] * callers

    def caller(k):
        while time.perf_counter() - start < seconds:
            for _ in range(n):
                huey.enqueue(job.s())
            for _ in range(n):
                task = huey.dequeue()
                if task is not None:
                    huey.execute(task)
                    finished[k] += 1

    threads = [threading.Thread(target=caller, args=(k,)) for k in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(finished) / (time.perf_counter() - start)


def pick_up(samples):
    """Milliseconds from adding to the handler, with the consumer as shipped, which looks ever more seldom."""
    consumer = huey.create_consumer(workers=1, periodic=False)
    consumer.start()
    took = []
    for k in range(samples):
        time.sleep(0.13 * (k + 1))
        before, start = len(began), time.perf_counter()
        huey.enqueue(job.s())
        while len(began) == before:
            time.sleep(0.0005)
        took.append((began[-1] - start) * 1000)
    consumer.stop()
    return took


def bytes():
    with sqlite3.connect(file, isolation_level=None) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finished = db.execute("SELECT count(*) FROM kv").fetchone()[0]
    return file.stat().st_size / finished


for line in sys.stdin:
    [(name, arguments)] = json.loads(line).items()
    print(json.dumps({"rate": rate, "pick_up": pick_up, "bytes": bytes}[name](**arguments)), flush=True)
