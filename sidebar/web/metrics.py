"""What /metrics tells, in Prometheus's text format. Anybody on the private network may read it: ids of orgs, and
figures, and nothing of any customer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sidebar.store.standing import Made, Standing
from sidebar.web.streams import Condition, is_up, position_age

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_Family: TypeAlias = type[GaugeMetricFamily] | type[CounterMetricFamily]


@dataclass(frozen=True, slots=True)
class Org:
    standing: Standing
    made: Made
    condition: Condition


_OF_ORGS: Sequence[tuple[str, _Family, str]] = (
    ("sidebar_stream_up", GaugeMetricFamily, "1 while changes arrive, in this process or in another"),
    ("sidebar_stream_response_age_seconds", GaugeMetricFamily, "Since a response of the stream was last kept"),
    ("sidebar_stream_position_age_seconds", GaugeMetricFamily, "Age of the replay position; events are kept 72 hours"),
    ("sidebar_stream_lag_seconds", GaugeMetricFamily, "From the commit in Salesforce to our copy, of the last event"),
    ("sidebar_stream_events", CounterMetricFamily, "Events taken in since the connection"),
    ("sidebar_stream_gaps", CounterMetricFamily, "Of them gaps, whose records were read again"),
    ("sidebar_walk_running", GaugeMetricFamily, "1 while all Contacts are being read"),
    ("sidebar_walk_changed", GaugeMetricFamily, "Records the last walk found otherwise than we knew"),
    ("sidebar_walk_missing", GaugeMetricFamily, "Records the last walk did not find any more"),
    ("sidebar_contacts_made", GaugeMetricFamily, "Local contacts there are that were made from Salesforce"),
    ("sidebar_contacts_dormant", GaugeMetricFamily, "Of them resting until a conversation begins"),
)


def text(orgs: Iterable[Org], calls: Mapping[str, int], matches: Mapping[str, int], now: int) -> bytes:
    """`calls` of Salesforce and `matches` of panels: how often each outcome came in this process. `now` in ms."""
    counted = (
        _counted("sidebar_salesforce_calls", "Calls of Salesforce's API by this process", calls),
        _counted("sidebar_panel_matches", "Conversations opened in panels of this process", matches),
    )
    return generate_latest(_Snapshot([*_of_orgs(list(orgs), now), *counted]))


def _of_orgs(orgs: Sequence[Org], now: int) -> Iterator[Metric]:
    figures = {each.standing.org_id: _figures(each, now) for each in orgs}
    for name, family, meaning in _OF_ORGS:
        metric = family(name, meaning, labels=["org"])
        for org_id, values in figures.items():
            if (value := values[name]) is not None:
                metric.add_metric([org_id], value)
        yield metric


def _figures(org: Org, now: int) -> dict[str, float | None]:
    """None: there is nothing to tell yet."""
    position, sweep = org.standing.position, org.standing.sweep
    age = position_age(org.standing, now) / 1000 if position else None
    return {
        "sidebar_stream_up": is_up(org.condition),
        "sidebar_stream_response_age_seconds": age,
        "sidebar_stream_position_age_seconds": age,
        "sidebar_stream_lag_seconds": position.lag / 1000 if position and position.lag is not None else None,
        "sidebar_stream_events": position.events if position else 0,
        "sidebar_stream_gaps": position.gaps if position else 0,
        "sidebar_walk_running": bool(sweep and sweep.ended_at is None),
        "sidebar_walk_changed": sweep.changed if sweep else None,
        "sidebar_walk_missing": sweep.missing if sweep else None,
        "sidebar_contacts_made": org.made.all,
        "sidebar_contacts_dormant": org.made.dormant,
    }


def _counted(name: str, meaning: str, counts: Mapping[str, int]) -> Metric:
    metric = CounterMetricFamily(name, meaning, labels=["outcome"])
    for outcome, count in sorted(counts.items()):
        metric.add_metric([outcome], count)
    return metric


class _Snapshot(Collector):
    """What was read for one answer."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
