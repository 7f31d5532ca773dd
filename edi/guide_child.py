"""The child process of guide: a normalised file comes in, pyx12's complaints go out as JSON."""

import io
import json
import logging
import sys

import pyx12.errors
import pyx12.params
import pyx12.x12n_document


def main() -> None:
    """Validate and print. A failure of pyx12 itself is printed as {"failed": name of the exception}."""
    logging.disable(logging.CRITICAL)
    settings = pyx12.params.params()
    settings.set(
        "exclude_external_codes", "remark_code"
    )  # its list of remark codes is of 2014; ours is current
    answer = io.StringIO()
    source = io.StringIO(sys.stdin.buffer.read().decode("ascii"))
    try:
        pyx12.x12n_document.x12n_document(settings, source, None, None, fd_json=answer)
        printed = answer.getvalue() or json.dumps({"failed": "unread"})
    except (
        pyx12.errors.EngineError, pyx12.errors.X12Error, AttributeError, AssertionError, IndexError, KeyError,
        TypeError, ValueError, RecursionError,
    ) as failure:  # fmt: skip
        printed = json.dumps({"failed": type(failure).__name__})
    sys.stdout.write(printed)


if __name__ == "__main__":
    main()
