"""Which kind of file a transaction set is: one line here for each folder that reads one."""

# (ST01, beginning of ST03 or GS08) -> kind. The first match counts; an empty version matches any.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("835", "", "835"),
    ("837", "005010X222", "837P"),
    ("837", "005010X223", "837I"),
    ("837", "005010X224", "837D"),
    (
        "837",
        "005010X298",
        "837P",
    ),  # post-adjudicated claims data, professional: read like a claim, never billed
    ("837", "004010X098", "837P"),
    ("837", "004010X096", "837I"),
    ("837", "004010X097", "837D"),
    ("999", "", "999"),
    ("997", "", "997"),
    ("277", "005010X214", "277CA"),
    ("277", "005010X212", "277"),
    ("277", "", "277"),
    ("276", "", "276"),
    ("270", "", "270"),
    ("271", "", "271"),
    ("820", "", "820"),
    ("824", "", "824"),
)
# GS01 each kind must travel under (R835-06); a kind not listed may use any.
FUNCTIONAL_IDS = {"835": "HP", "837P": "HC", "837I": "HC", "837D": "HC", "999": "FA", "997": "FA"}
READ = frozenset({"835", "837P", "837I", "837D", "999", "997", "TA1", "277CA", "277"})


def kind_of(st01: str, version: str) -> str:
    """The kind of a transaction set, "" when nothing here knows it."""
    for transaction, guide, kind in KINDS:
        if st01 == transaction and version.startswith(guide):
            return kind
    return ""
