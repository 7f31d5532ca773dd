"""The Celery application: a doorbell and a schedule. Jobs live in the outbox and are trusted there alone.

A capability or flow with jobs has a `tasks.py`, found by its name, with up to three tables:

    HANDLERS   kind → function(job), which does the work and `outbox.finish` in one transaction
    WHEN_DEAD  kind → function(job, reason), which tells a person that the last try failed
    EVERY      name → (seconds, function()), what beat asks for again and again; twice must be harmless
"""

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from flask import Flask
from gunicorn.http import wsgi
from kombu.exceptions import KombuError, OperationalError

from app import create_app
from app.kernel import failpoints, limits, logs, outbox
from app.kernel.errors import Refused, Unavailable
from app.kernel.outbox import Claimed, Heartbeat, TakenOver
from app.kernel.settings import Settings, settings

Handler = Callable[[Claimed], None]
Funeral = Callable[[Claimed, str], None]


SWEEP_SECONDS = 1.0
WAIT_SECONDS = 0.05
LOWEST_RANK = 9
log = structlog.get_logger()


def configuration() -> dict[str, Any]:
    """The settings that lost nothing when web, worker, beat and broker were killed in turn."""
    chosen = settings()
    return {
        "broker_url": chosen.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 1,
        "broker_transport_options": _transport_options(chosen),
        "task_ignore_result": True,
        "task_acks_late": False,  # the outbox owns retries
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "beat_schedule": {"sweep": _entry("sweep", SWEEP_SECONDS)}
        | {name: _entry("tick", seconds, name) for name, (seconds, _) in table("EVERY").items()},
    }


def _entry(task: str, seconds: float, *arguments: str) -> dict[str, Any]:
    # A bell that was not heard in five seconds is not worth hearing: the next one is on its way.
    return {"task": task, "schedule": seconds, "args": arguments, "options": {"expires": 5}}


def _transport_options(chosen: Settings) -> dict[str, Any]:
    if chosen.broker_url.startswith("filesystem:"):
        queue, control = chosen.doorbell / "queue", chosen.doorbell / "control"
        for folder in (queue, control):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _begin_bindings(control / "celery.exchange")
        return {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(control),
            "store_processed": False,
            "polling_interval": 0.05,
        }
    if chosen.broker_url.startswith(("amqp:", "amqps:", "pyamqp:")):
        return {"confirm_publish": True}
    return {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,
        "socket_connect_timeout": 1,
    }


def _begin_bindings(place: Path) -> None:
    """The bell's table of bindings, empty and whole at once: whoever finds none makes the file first and
    writes it a moment later, and a worker that reads in between ends.
    """
    if place.exists():
        return
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    draft.write_text("[]")
    try:
        os.link(draft, place)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()


@cache
def table(name: str) -> Mapping[str, Any]:
    """One of the three tables, put together from every tasks.py; the same key in two of them is a mistake."""
    merged: dict[str, Any] = {}
    for place in sorted(Path(__file__).parent.glob("*/tasks.py")):
        rows: Mapping[str, Any] = getattr(import_module(f"app.{place.parent.name}.tasks"), name, {})
        twice = merged.keys() & rows.keys()
        if twice:
            raise Refused(f"{name} has {sorted(twice)} twice, also in {place}.", code="two_handlers")
        merged |= rows
    return merged


celery = Celery("reclaim")
celery.add_defaults(configuration)  # asked for when Celery is used, not when this file is imported


@celery.task(name="ring")
def ring(job_id: int) -> None:
    """Somebody promised a job: do the most urgent one that is due, so that claims come before payments."""
    urgent = outbox.next_due(LOWEST_RANK)
    if urgent is None or not run_one(urgent):
        run_one(job_id)


@celery.task(name="sweep")
def sweep() -> None:
    """Ring for every job that is due and was not heard; bury those whose worker died at each try."""
    bury_spent()
    outbox.ring(outbox.due(limits.JOBS_PER_SWEEP))


@celery.task(name="tick")
def tick(name: str) -> None:
    """One turn of something that happens again and again."""
    table("EVERY")[name][1]()


def web() -> Flask:
    """The web application of an installation: it rings after each commit, so no job waits for a sweep."""
    use_bell()
    wsgi.SERVER = "Reclaim"  # the name and version of the server are nobody's business (W6)
    return create_app()


def use_bell() -> None:
    """From now on this process rings Celery after each commit; called by everything that starts up."""
    outbox.ring_with(_ring)


def _ring(job_id: int) -> None:
    try:
        ring.apply_async(args=[job_id], retry=False, expires=60)
    except (KombuError, OperationalError) as problem:
        raise Unavailable("the broker does not answer") from problem


def run_one(job_id: int) -> bool:
    """Claim one job and do it; False when there was nothing to claim. What fails goes back with a reason."""
    job = outbox.take(job_id)
    if job is None:
        return False
    failpoints.hit("worker.after_claim")
    with Attempt(job), Heartbeat(job):
        handler: Handler | None = table("HANDLERS").get(job.kind)
        if handler is None:
            raise Refused(f"nobody handles jobs of kind {job.kind}", code="no_handler")
        handler(job)
    failpoints.hit("worker.after_job")
    return True


def run_due(limit: int = limits.JOBS_PER_SWEEP) -> int:
    """Do what is due here and now, without a broker."""
    bury_spent()
    return sum(run_one(job_id) for job_id in outbox.due(limit, ring_again=False))


def run_until_idle(
    progress: Callable[[int, int], None] | None = None, *, up_to_rank: int = LOWEST_RANK
) -> int:
    """Do every job that is due, most urgent first, also those promised on the way; for commands and tests.

    progress: called with (jobs done, jobs waiting). up_to_rank: 8 leaves second opinions to the worker.
    A job another worker holds is waited for; returns how many ran.
    """
    done = 0
    bury_spent()
    while True:
        due = outbox.next_due(up_to_rank)
        if due is not None:
            done += run_one(due)
        elif outbox.running() == 0:
            return done
        else:
            time.sleep(WAIT_SECONDS)
            bury_spent()
        if progress is not None:
            progress(done, outbox.waiting())


def bury_spent() -> None:
    """Tell a person about jobs whose worker died at every try."""
    for job in outbox.overdue_tries():
        bury(job, "its worker died at every try")


def bury(job: Claimed, reason: str) -> None:
    """The last try failed: whoever owns this kind says so on a screen."""
    log.error("job_dead", kind=job.kind, job=job.id, attempt=job.attempt)
    funeral: Funeral | None = table("WHEN_DEAD").get(job.kind)
    if funeral is not None:
        funeral(job, reason)


class Attempt:
    """One try of a job. An error ends here: the job is queued again or, after the last try, buried.

    Job and log are told its type and place only, because its text may carry a name.
    """

    def __init__(self, job: Claimed):
        self._job = job

    def __enter__(self) -> "Attempt":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if isinstance(error, TakenOver):
            log.warning("job_taken_over", kind=self._job.kind, job=self._job.id, attempt=self._job.attempt)
            return True
        if not isinstance(error, Exception):
            return False  # done, or the process is ending: the lease tells the next worker
        reason = spoken(error)
        log.error(
            "job_failed", **told(error), kind=self._job.kind, job=self._job.id, attempt=self._job.attempt
        )
        if outbox.put_back(self._job, reason):
            bury(self._job, reason)
        return True


def told(error: Exception) -> dict[str, str]:
    """An error without its text, as fields of a log line: type, code if it has one, and the place of ours."""
    code = error.code if isinstance(error, Refused) else ""
    return {"error_type": type(error).__name__, "code": code, "place": logs.place_of(error)}


def spoken(error: Exception) -> str:
    """The same in one line for the screen of jobs."""
    fields = told(error)
    code = f" ({fields['code']})" if fields["code"] else ""
    return f"{fields['error_type']}{code} at {fields['place']}"


@worker_init.connect
def _ring_from_here(**_: object) -> None:
    """A worker rings too: for what the sweep finds, and for jobs that its jobs promise."""
    use_bell()


@beat_init.connect
def _all_at_once(**_: object) -> None:
    """A schedule that starts does everything once: a machine off at night has its daily turn too."""
    for name in table("EVERY"):
        try:
            tick.apply_async(args=[name], retry=False, expires=60)
        except (KombuError, OperationalError):
            log.warning("no_broker", code=name)
            return


@setup_logging.connect
def _log_our_way(**_: object) -> None:
    """Keep Celery from configuring logging: its lines show the arguments of tasks."""
    logs.configure()
