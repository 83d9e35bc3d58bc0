"""One line of the proof: what was measured beside what it should be."""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        what: was measured.
        measured: the number.
        bound: the most that it may be; the least, where `least` says so; None: nothing was asked.
        unit: of both.
        group: the heading it stands under.
        beside: what others reach, in words.
    """

    what: str
    measured: float
    bound: float | None
    unit: str
    group: str = "What it costs"
    least: bool = False
    beside: str = ""

    @property
    def ok(self) -> bool:
        if self.bound is None:
            return True
        return self.measured >= self.bound if self.least else self.measured <= self.bound

    @property
    def digits(self) -> int:
        """Decimals to print it with: enough to tell it from its bound."""
        if abs(self.measured) >= 100 or float(self.measured).is_integer():
            return 0
        return next((n for n in (1, 2, 3, 4) if self._shown(n)), 5)

    def _shown(self, digits: int) -> bool:
        """Whether three figures of it, and on which side of its bound it lies, can be seen."""
        shown = round(self.measured, digits)
        room = 0.005 * abs(self.measured)
        if self.bound is not None:
            room = min(room, 0.3 * abs(self.measured - self.bound))
        return abs(shown - self.measured) <= room and replace(self, measured=shown).ok == self.ok

    def record(self) -> dict:
        """As it is kept."""
        return asdict(self) | {"digits": self.digits, "ok": self.ok}
