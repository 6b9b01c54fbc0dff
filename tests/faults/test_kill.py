"""SIGKILL at random moments: nothing accepted is lost, nothing is answered twice on purpose."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT

COUNT = 600


def test_nothing_is_lost_when_the_process_is_killed_again_and_again(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.child", str(tmp_path), str(COUNT)]
    chance = random.Random(20261124)
    kills = 0
    while kills < 5:
        child = subprocess.Popen(command, cwd=ROOT)
        while child.poll() is None and not (tmp_path / "sent").exists():
            time.sleep(0.01)
        time.sleep(chance.uniform(0.05, 0.5))
        if child.poll() is not None:
            break
        child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
    assert kills, "the first child was done before it could be killed: make COUNT larger"
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode == 0

    database = sqlite3.connect(tmp_path / "bot.db")
    undone = database.execute("SELECT count(*) FROM inbox WHERE done_at IS NULL").fetchone()[0]
    stored = database.execute("SELECT count(*) FROM inbox").fetchone()[0]
    unsent = database.execute("SELECT count(*) FROM outbox WHERE state != 'sent'").fetchone()[0]
    replies = [row[0] for row in database.execute("SELECT id FROM outbox")]
    database.close()
    assert (undone, unsent, stored) == (0, 0, COUNT)
    assert len(replies) == COUNT, "each message has exactly one reply"
    sent = Counter(int(line.split()[0]) for line in (tmp_path / "sent").read_text().splitlines())
    assert set(sent) == set(replies)
    # A reply that left just before the kill may leave again: the platforms know no idempotency key.
    again = sum(times - 1 for times in sent.values())
    assert again <= kills * 100, f"{again} repeated over {kills} kills"
