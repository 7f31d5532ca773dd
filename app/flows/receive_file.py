"""One way in for every door: a content is stored by its hash, recognised, unpacked and split."""

import io
import zipfile
from pathlib import Path
from typing import IO, BinaryIO

from app.documents import service as documents
from app.intake import service as intake
from app.intake.rules import Offered
from app.intake.translate import Found, guide_findings, is_zip
from app.kernel import failpoints, limits
from app.kernel.errors import Refused
from app.kernel.settings import settings
from app.kernel.work import Actor, Work, work


def offer(
    actor: Actor, content: IO[bytes], name: str, *, create_entities: bool = False, look_first: bool = False
) -> Offered:
    """Take a content at a door; the same bytes again change nothing and are told which import was first.

    look_first: nothing of it posts before somebody has seen what it would do.

    Raises `Refused` for an empty or oversized content: nothing is kept of it.
    """
    content.seek(0, io.SEEK_END)
    size = content.tell()
    if not size:
        raise Refused(f"{intake.clean_name(name)} is empty.", code="file_empty", field="file")
    allowed = settings().upload_bytes
    if size > allowed:
        raise Refused(
            f"{intake.clean_name(name)} is larger than {allowed // 1_000_000} MB.",
            code="file_too_large",
            field="file",
        )
    with work(actor) as w:
        w.may("files.import")
        chosen = {"create_entities": create_entities, "look_first": look_first}
        options = {name: True for name, wanted in chosen.items() if wanted}
        return intake.record_offer(w, content, name, options=options)


def stage(w: Work, file_no: int) -> None:
    """The job `stage_file`: unpack an archive, or split a file into transactions."""
    with documents.open_file(w, file_no) as stream:
        if is_zip(stream):
            _unpack(w, file_no, stream)
            return
    failpoints.hit("intake.before_stage")
    intake.stage(w, file_no)
    failpoints.hit("intake.after_stage")


def _unpack(w: Work, file_no: int, stream: BinaryIO) -> None:
    """Offer each member of an archive as a file of its own; limits on count, size, ratio and depth (F4)."""
    depth, options = intake.depth_of(w, file_no)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            reason = _too_much(members, depth)
            if reason:
                intake.refuse(w, file_no, "intake.archive", reason)
                return
            for info in members:
                content = _member(archive, info)
                if content:
                    intake.record_offer(
                        w, io.BytesIO(content), info.filename, parent=file_no, options=options
                    )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as problem:
        words = "its password is not known" if "password" in str(problem) else "it is damaged"
        intake.refuse(w, file_no, "intake.archive", f"The archive cannot be opened: {words}.")
        return
    intake.stage_members(w, file_no, len(members))


def _too_much(members: list[zipfile.ZipInfo], depth: int) -> str | None:
    if depth >= limits.ARCHIVE_DEPTH:
        return f"The archive lies {depth} archives deep; {limits.ARCHIVE_DEPTH} are allowed."
    if len(members) > limits.ARCHIVE_MEMBERS:
        return f"The archive holds {len(members)} files; {limits.ARCHIVE_MEMBERS} are allowed."
    if sum(info.file_size for info in members) > limits.ARCHIVE_BYTES:
        return f"The archive unpacks to more than {limits.ARCHIVE_BYTES // 1_000_000} MB."
    for info in members:
        if info.file_size > limits.ARCHIVE_RATIO * max(1, info.compress_size) and info.file_size > 1_000_000:
            return f"{Path(info.filename).name} unpacks to more than {limits.ARCHIVE_RATIO} times its size."
    return None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # The header's size may lie: read one byte more than it says and refuse what does not fit.
    with archive.open(info) as member:
        content = member.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise zipfile.BadZipFile("a member is larger than it says")
    return content


def second_opinion(w: Work, file_no: int) -> list[Found]:
    """What pyx12 thinks of a stored file, as warnings; it judges nothing."""
    with documents.open_file(w, file_no) as stream:
        return guide_findings(stream, seconds=limits.SECOND_OPINION_SECONDS)
