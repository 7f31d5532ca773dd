"""A worker that can be killed again and again: this process imports the product once and forks for each try.

Each input line is `failpoints|seconds`: the fork does what is due with these failpoints and, if seconds are
given, is killed after them. The exit status of each fork is a line of its output. Leases are short, that the
next try need not wait, unless a longer one is asked for as the argument; pyx12's opinion is left out, because
it is no part of the books.
"""

import os
import signal
import sys
import time
import traceback
from datetime import timedelta

from app import worker
from app.kernel import outbox
from app.kernel.outbox import Claimed
from app.kernel.work import system, work
from tests.books import LATER


def without_opinion(job: Claimed) -> None:
    """Done, without asking pyx12."""
    with work(system("test")) as w:
        outbox.finish(w.db, job)


def one_try(failpoints: str) -> None:
    """In the fork: do what is due, then end without the habits of a test process."""
    os.dup2(2, 1)  # the log goes to where nobody reads; the pipe is for the answers
    os.environ["RECLAIM_FAILPOINTS"] = failpoints
    status = 1
    try:
        worker.run_until_idle()
        status = 0
    finally:
        if status:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(status)


def serve() -> None:
    """Fork for every line, and say how it ended."""
    outbox.LEASE = timedelta(seconds=float(sys.argv[1]) if sys.argv[1:] else 0.4)
    worker.table("HANDLERS")[LATER] = without_opinion  # type: ignore[index]  # the product reads it only
    for line in sys.stdin:
        failpoints, _, seconds = line.strip().partition("|")
        pid = os.fork()
        if pid == 0:
            one_try(failpoints)
        if seconds:
            time.sleep(float(seconds))
            os.kill(pid, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
