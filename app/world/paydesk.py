"""One payer's desk for one provider: answers become payments, balances are carried forward."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from app.world.faults import EXTRAS, Plan
from app.world.files import business_day
from app.world.people import Entity
from app.world.stories import Send
from app.world.tables import Payer
from app.world.write835 import Plb, Remit


class Desk:
    """Payments of one payer to one provider, each later than the one before."""

    def __init__(self, payer: Payer, payee: Entity) -> None:
        self.payer, self.payee = payer, payee
        self.owed: list[tuple[str, int]] = []
        self._last = date.min
        self._written = 0

    def day_for(self, sends: Sequence[Send]) -> date:
        """The payment day for these answers: a business day after the last payment."""
        ready = max(send.ready for send in sends)
        return business_day(ready if self._last == date.min else max(ready, self._last + timedelta(days=1)))

    def trace(self) -> str:
        """The next check or EFT number."""
        self._written += 1
        number = self.payee.number * 1_000_000 + self._written
        if self.payer.method == "CHK":
            return f"{self.payer.tax_id[-2:]}{number:08d}"
        return f"{self.payer.payer_id}E{number:09d}"

    def remit(self, sends: Sequence[Send], extras: Sequence[Plb] = (), *, collect: bool) -> Remit:
        """One balanced payment. A shortage is carried forward; with collect, what was carried is taken."""
        day, trace = self.day_for(sends), self.trace()
        self._last = day
        legs = [leg for send in sends for leg in send.legs]
        plb = [part for send in sends for part in send.plb]
        total = sum(leg.adjudication.paid for leg in legs) - sum(cents for _, _, cents in plb)
        for part in extras:
            if total - part[2] >= 0:
                plb.append(part)
                total -= part[2]
        if collect:
            for reference, cents in list(self.owed):
                if cents <= total:
                    plb.append(("FB", reference, cents))
                    total -= cents
                    self.owed.remove((reference, cents))
        if total < 0:
            plb.append(("FB", trace, total))
            self.owed.append((trace, -total))
        return Remit(self.payer, self.payee, day, trace, legs, plb)


def extras_for(plan: Plan, rng: Random, desk: Desk, room: int) -> tuple[str, tuple[Plb, ...]]:
    """One extra provider adjustment for a payment with this much claim money, or none."""
    if room < 20_000:
        return "", ()
    possible = ["refund_acknowledged", "takeback_unknown", "bonus", "tax_withheld", "adjusted_by_hand"]
    if desk.payer.withhold_bp:
        possible.append("withhold_released")
    if desk.payer.capitated:
        possible.append("capitation_paid")
    kind = plan.for_remit(rng, EXTRAS, possible)
    cents = 500 + int(rng.random() * 9_000)
    number = f"{desk.payer.payer_id}9{int(rng.random() * 10**7):07d}"
    rows: dict[str, tuple[Plb, ...]] = {
        "refund_acknowledged": (("72", number, -cents), ("WO", number, cents)),
        "takeback_unknown": (("WO", number, cents),),
        "withhold_released": (("E3", "", -cents),),
        "bonus": (("BN", "", -cents),),
        "tax_withheld": (("IR", "", cents),),
        "adjusted_by_hand": (("CS", "REISSUE", cents if cents % 2 else -cents),),
    }
    return kind, rows.get(kind, ())
