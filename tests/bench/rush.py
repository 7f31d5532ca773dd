"""A rush on the product of this environment: `python -m tests.bench.rush SECONDS RATE CLAIMS`, as JSON."""

import json
import os
import sys
import tempfile
from pathlib import Path

from app.audit import service as audit
from app.kernel.settings import settings
from app.kernel.work import audit_with
from tests import books
from tests.conftest import House
from tests.faults import load


def main() -> None:
    """Start the product, rush, tell."""
    seconds, rate, claims = (int(one) for one in sys.argv[1:4])
    audit_with(audit.append)
    chosen = settings()
    environ = {name: value for name, value in os.environ.items() if name.startswith("RECLAIM_")}
    house = House(chosen.kind, chosen.database_url, chosen.data, chosen, environ)
    books.practice(npi=load.NPI, tax_id=load.TAX_ID)
    with tempfile.TemporaryDirectory() as place, load.product(house) as url:
        met = load.run(url, Path(place), seconds=seconds, rate=rate, claims=claims)
    shares = {f"p{share}": round(met.percentile(share), 4) for share in (50, 95, 99)}
    statuses = {str(status): count for status, count in met.statuses.items()}
    print(json.dumps({"asked": met.asked, "failed": met.failed, "statuses": statuses,
                      "imported": round(met.imported_in, 1), **shares}))  # fmt: skip


if __name__ == "__main__":
    main()
