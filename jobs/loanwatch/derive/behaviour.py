"""What customers do, as series that indicators are measured on; all of it rests on consent to monitoring (domain.md 4 B-D)."""

from loanwatch.admit.feeds import BEHAVIOUR
from loanwatch.derive.indicator import Indicator, Measure, Series, Source, share
from loanwatch.derive.window import RECENT_DAYS, Window

MONITORING = "monitoring"
FEWEST_PEERS = 30  # fewer say nothing
TWO_MONTHS_BEFORE = Window(months=2, closed=True)

# One source for each reach: who is new has a gap in the long windows and none in the short ones.
INCIDENT = Source("incident", BEHAVIOUR, Window(days=30), MONITORING)
ACTIVITY = Source("activity", BEHAVIOUR, TWO_MONTHS_BEFORE, MONITORING)
QUARTER = Source("quarter", BEHAVIOUR, Window(months=3), MONITORING)
HALF_YEAR = Source("half_year", BEHAVIOUR, Window(months=6, closed=True), MONITORING)
YEAR = Source("year", BEHAVIOUR, Window(months=12), MONITORING)
SOURCES = (INCIDENT, ACTIVITY, QUARTER, HALF_YEAR, YEAR)


def amount(name: str, *kinds: str) -> Series:
    """Money moved by some kinds of behaviour."""
    return INCIDENT.total(name, "amount_minor", _of(kinds))


def times(kind: str) -> Series:
    """How often one kind of thing happened."""
    return INCIDENT.total(kind, "times", _of((kind,)))


def last(kind: str) -> Series:
    """The last day on which it did."""
    return INCIDENT.last(f"last_{kind}", _of((kind,)))


def kept(series: Series, doc: str, source_of: str) -> Indicator:
    """The last 31 days against the two whole months before them, a day for a day: 10000 = as before."""
    now, before = series.of(ACTIVITY).days(RECENT_DAYS), series.of(ACTIVITY).over(TWO_MONTHS_BEFORE)
    return a_day(f"{series.name}_kept_bp", now, before, doc, source_of)


def a_day(name: str, part: Measure, whole: Measure, doc: str, source_of: str) -> Indicator:
    """A measure over another, each by its days: 10000 = as much a day."""
    part_of, whole_of = f"{{{whole.name}_days}} * {part.name}", f"{{{part.name}_days}} * {whole.name}"
    return share(name, part_of, whole_of, doc, source_of, of=(part, whole), at_least=0)


def against_peers(own: Indicator) -> Indicator:
    """The peer-adjusted form of `kept`, for season and holidays are no signal: 10000 = as the peers."""
    name = f"{own.name.removesuffix('_bp')}_vs_peers_bp"
    doc = f"{own.doc.rstrip('.')}, over the same of its peers; not applicable where these are fewer than {FEWEST_PEERS}."
    return share(name, own.name, peers_of(own), doc, own.source_of, of=own.of, at_least=0)


def peers_of(own: Indicator) -> str:
    """The column of what the peers kept."""
    return f"peers_{own.name}"


def often(name: str, series: Series, days: int, doc: str, source_of: str) -> Indicator:
    """How often in so many days."""
    measure = series.days(days)
    return Indicator(name, "count", measure.name, doc, source_of, of=(measure,), at_least=0)


def _of(kinds: tuple[str, ...]) -> str:
    return f"kind in ({', '.join(repr(kind) for kind in kinds)})"
