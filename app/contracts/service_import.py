"""Loading files of fees: previewed or loaded, row by row, whatever their size in the same memory.

A good row loads, a bad one is a finding; `strict` loads all or nothing. The same facts twice are one fact.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from sqlalchemy import func, insert, select, update

from app.contracts.models import FeeFile, FeeImport, FeeRow, FeeSchedule
from app.contracts.rules_import import BAD, NOTE, FeeFact, RowFinding, headings, read_row
from app.contracts.rules_merge import SAMPLES, Known, Merge
from app.contracts.translate import Row, rows_of
from app.documents import service as documents
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.ids import public_ids
from app.kernel.work import Work
from app.payers.models import PayerIdentifier

_file, _import, _schedule = table_of(FeeFile), table_of(FeeImport), table_of(FeeSchedule)
_row, _identifier = table_of(FeeRow), table_of(PayerIdentifier)
CHUNK = 5_000
FINDINGS = 500
ROW = (
    "entity_id", "schedule_id", "fee_key", "payer_number", "code_type", "code", "modifier", "setting",
    "allowed", "effective_from", "effective_to", "max_units", "multiple", "bilateral", "assistant",
    "co_surgeon", "line", "recorded_at",
)  # fmt: skip
REPRICE = "underpayments_reprice"
"""The job that follows: what was paid under other prices is looked at again."""


@dataclass
class Outcome:
    """What a file does, or would do, to the schedules of one entity. Counts are rows of the file.

    rows = added + changed + same + bad. `findings` are the first 500; `samples` the first changes.
    """

    entity_id: int
    name: str
    public_id: str = ""
    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    payers: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    findings: list[RowFinding] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    already: bool = False

    def note(self, findings: Iterable[RowFinding]) -> None:
        """Keep the first of them; bad ones are counted by who finds them."""
        room = FINDINGS - len(self.findings)
        if room > 0:
            self.findings += list(findings)[:room]


def keep(w: Work, content: IO[bytes], name: str) -> int:
    """Keep a file as handed in; returns its key. The same content again is the same file."""
    w.may("contracts.write")
    file_no, sha256, _, _ = documents.put(w, content)
    known = w.db.execute(select(_file.c.id).where(_file.c.sha256 == sha256)).scalar()
    if known is not None:
        return int(known)
    awaits = not entities.practices(w)
    values = dict(public_id=public_ids(1)[0], file_no=file_no, name=name[:200], sha256=sha256, awaits=awaits)
    made = insert(_file).values(**values, author=w.actor.name[:80], recorded_at=w.now)
    return int(w.db.execute(made.returning(_file.c.id)).scalar_one())


def check(w: Work, file_id: int) -> None:
    """Refuse a kept file that is no file of fees at all, before it waits for an entity."""
    file_no = w.db.execute(select(_file.c.file_no).where(_file.c.id == file_id)).scalar_one()
    with documents.open_file(w, file_no) as content, closing(rows_of(content)) as rows:
        _headings(rows)


def _headings(rows: Iterator[Row]) -> dict[str, int]:
    first = next(rows, None)
    if first is None:
        raise Refused("The file is empty.", code="empty_file")
    return headings(first[1])


def public_of(w: Work, file_id: int) -> str:
    """How a kept file is named outside."""
    return str(w.db.execute(select(_file.c.public_id).where(_file.c.id == file_id)).scalar_one())


def by_public(w: Work, public_id: str) -> int:
    """The key of a kept file that this person handed in; `NotFound` for anybody else's."""
    mine = (_file.c.public_id == public_id, _file.c.author == w.actor.name[:80])
    found = w.db.execute(select(_file.c.id).where(*mine)).scalar()
    if found is None:
        raise NotFound("There is no such file of yours.")
    return int(found)


def preview(w: Work, entity_id: int, file_id: int) -> Outcome:
    """What a file would do: the whole load, taken back before anybody can see it."""
    with w.db.begin_nested() as point:
        done = _load(w, entity_id, file_id)
        point.rollback()
    return done


def load(w: Work, entity_id: int, file_id: int, *, strict: bool = False) -> Outcome:
    """Load a file into the schedules of an entity; loading it twice does it once.

    strict: refuse the file when a row of it cannot be loaded.
    """
    w.may("contracts.write")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    done = _load(w, entity_id, file_id)
    if strict and done.bad:
        first = next((one for one in done.findings if one.level == BAD), None)
        where = f" First: row {first.row}, {first.column}: {first.text}" if first else ""
        raise Refused(f"{done.bad} rows cannot be loaded, so nothing was.{where}", code="rows_bad")
    detail = {"file": file_id, "added": done.added, "changed": done.changed, "bad": done.bad}
    w.audit("contracts.import", "C", "fee_import", done.public_id, entity_id=entity_id, detail=detail)
    if done.added or done.changed:
        payload = {"entity": entity_id, "payers": sorted(done.payers), "after": 0}
        payload["from"] = min(done.days).isoformat()
        w.job(REPRICE, f"{entity_id}:import:{file_id}:0", payload, rank=7)
    return done


def _load(w: Work, entity_id: int, file_id: int) -> Outcome:
    kept = w.db.execute(select(_file).where(_file.c.id == file_id)).one_or_none()
    if kept is None:
        raise NotFound("There is no such file.")
    done = Outcome(entity_id, kept.name)
    mine = (_import.c.entity_id == entity_id, w.within(_import.c.entity_id), _import.c.file_id == file_id)
    if (known := w.db.execute(select(_import).where(*mine)).one_or_none()) is not None:
        # Once is enough, also when another file has corrected its rows since.
        done.public_id, done.already, done.rows = known.public_id, True, known.rows
        done.same, done.bad = known.rows - known.bad, known.bad
        done.findings = [RowFinding(**one) for one in known.findings]
        return done
    loader = _Loader(w, done, w.numbers("fee_import"))
    with documents.open_file(w, kept.file_no) as content, closing(rows_of(content)) as rows:
        places = _headings(rows)
        for chunk in in_chunks(rows, CHUNK):
            loader.take([(number, read_row(number, cells, places)) for number, cells in chunk])
    _note_unknown(w, done)
    _keep_outcome(w, done, loader.import_id, file_id)
    return done


def _keep_outcome(w: Work, done: Outcome, import_id: int, file_id: int) -> None:
    done.public_id = public_ids(1)[0]
    counts = {name: getattr(done, name) for name in ("rows", "added", "changed", "same", "bad", "public_id")}
    made = insert(_import).values(
        id=import_id, entity_id=done.entity_id, file_id=file_id, name=done.name, **counts,
        findings=[one.plain() for one in done.findings], author=w.actor.name[:80], recorded_at=w.now,
    )  # fmt: skip
    w.db.execute(made)


def _note_unknown(w: Work, done: Outcome) -> None:
    """Payer numbers nobody of this entity has met yet: kept, and said once."""
    met: set[str] = set()
    for chunk in in_chunks(sorted(done.payers), CHUNK):
        query = select(_identifier.c.value).where(
            _identifier.c.entity_id == done.entity_id,
            w.within(_identifier.c.entity_id),
            _identifier.c.kind != "name",
            _identifier.c.value.in_(chunk),
        )
        met |= set(w.db.execute(query).scalars())
    done.unknown = sorted(label for number, label in done.payers.items() if number not in met)
    said = "No payer of this number has been met yet: its rows wait for one."
    done.note(RowFinding(0, "payer_id", "payer_not_met", f"{label}: {said}", NOTE) for label in done.unknown)


class _Loader:
    """Chunks of rows of one file on their way into the schedules of one entity."""

    def __init__(self, w: Work, done: Outcome, import_id: int) -> None:
        self.w, self.done, self.import_id = w, done, import_id
        self.schedules: dict[str, int] = {}

    def take(self, chunk: Sequence[tuple[int, FeeFact | list[RowFinding]]]) -> None:
        """A chunk: a fixed number of statements."""
        done, facts = self.done, []
        for _, found in chunk:
            done.rows += 1
            if isinstance(found, FeeFact):
                facts.append(found)
                done.payers.setdefault(found.payer_number, found.label)
            else:
                done.bad += 1
                done.note(found)
        merge = Merge(self._standing({fact.key for fact in facts}))
        merge.take_all(facts)
        for name in ("added", "changed", "same", "bad"):
            setattr(done, name, getattr(done, name) + getattr(merge, name))
        done.note(merge.findings)
        done.samples += merge.samples[: SAMPLES - len(done.samples)]
        if merge.made:
            done.days = [min([*done.days, *(one.start for one in merge.made)])]
        self._write(merge)

    def _standing(self, keys: Iterable[str]) -> dict[tuple[str, str, str], list[Known]]:
        found: dict[tuple[str, str, str], list[Known]] = {}
        mine = (_row.c.entity_id == self.done.entity_id, self.w.within(_row.c.entity_id))
        query = select(*(_row.c[name] for name in ("id", *ROW[1:-1]))).where(
            *mine, _row.c.replaced_at.is_(None)
        )
        own = set(self.schedules.values())
        for row in self.w.db.execute(query.where(among(self.w.db, _row.c.fee_key, sorted(keys)))):
            fact = _fact(row)
            known = Known(fact, fact.start, fact.end, row.id, row.schedule_id, row.schedule_id in own)
            found.setdefault(fact.place, []).append(known)
        return found

    def _write(self, merge: Merge) -> None:
        db, at = self.w.db, instant_text(self.w.now)
        if merge.retired:
            gone = update(_row).where(among(db, _row.c.id, merge.retired), _row.c.replaced_at.is_(None))
            if db.execute(gone.values(replaced_at=self.w.now)).rowcount != len(merge.retired):
                raise Stale("Somebody else is loading fees of this payer.")
        self._versions({one.fact.payer_number: one.fact.label for one in merge.made if one.ours})
        rows = []
        for one in merge.made:
            fact, schedule = one.fact, one.schedule or self.schedules[one.fact.payer_number]
            rows.append(
                (self.done.entity_id, schedule, fact.key, fact.payer_number, fact.code_type, fact.code,
                 fact.modifier, fact.setting, fact.cents, one.start.isoformat(),
                 one.end.isoformat() if one.end else None, fact.max_units, fact.multiple, fact.bilateral,
                 fact.assistant, fact.co_surgeon, fact.row, at)
            )  # fmt: skip
        if bulk_insert(db, _row, ROW, rows) != len(rows):
            raise Stale("Somebody else is loading fees of this payer.")

    def _versions(self, payers: Mapping[str, str]) -> None:
        """A version of the schedule of each payer that this file brings something for."""
        fresh = sorted(set(payers) - set(self.schedules))
        if not fresh:
            return
        w, entity_id = self.w, self.done.entity_id
        query = select(_schedule.c.payer_number, func.max(_schedule.c.number)).where(
            w.within(_schedule.c.entity_id),
            _schedule.c.entity_id == entity_id,
            _schedule.c.payer_number.in_(fresh),
        )
        last = {row[0]: row[1] for row in w.db.execute(query.group_by(_schedule.c.payer_number))}
        first, names = w.numbers("fee_schedule", len(fresh)), public_ids(len(fresh))
        columns = ("id", "public_id", "entity_id", "import_id", "payer_number", "payer_label", "number",
                   "name", "author", "recorded_at")  # fmt: skip
        rows = [
            (first + at, names[at], entity_id, self.import_id, number, payers[number],
             last.get(number, 0) + 1, self.done.name, w.actor.name[:80], instant_text(w.now))
            for at, number in enumerate(fresh)
        ]  # fmt: skip
        if bulk_insert(w.db, _schedule, columns, rows) != len(rows):
            raise Stale("Somebody else is loading fees of this payer.")
        self.schedules |= {number: first + at for at, number in enumerate(fresh)}


def _fact(row: Any) -> FeeFact:
    return FeeFact(
        row.line, row.payer_number, "", row.code_type, row.code, row.modifier, row.setting,
        int(row.allowed), row.effective_from, row.effective_to, row.max_units, row.multiple, row.bilateral,
        row.assistant, row.co_surgeon,
    )  # fmt: skip


# ---------------------------------------------------------------- files that came before any entity


def waiting(w: Work, entity_id: int) -> Iterator[int]:
    """Files handed in before there was any billing entity that this one has not loaded yet."""
    loaded = select(_import.c.file_id).where(_import.c.entity_id == entity_id, w.within(_import.c.entity_id))
    query = select(_file.c.id).where(_file.c.awaits, _file.c.id.not_in(loaded)).order_by(_file.c.id)
    yield from w.db.execute(query).scalars()
