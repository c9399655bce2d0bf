"""Metrics: what an audit found, for the textfile collector of Prometheus' exporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import tiles
from certlib.errors import part


def to_prometheus(results: Sequence[Audited], at: datetime) -> bytes:
    """Return the metrics of an audit, the ends by the names that x509 exporters use.

    Args:
        results: of `auditing.audit`.
        at: the moment of the audit, with a time zone.

    Raises:
        InputError: the library of Prometheus is not installed.
    """
    with part("a file for Prometheus", "nightly"):
        from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=registry)

    labels = ("filepath", "subject_CN", "serial_number")
    begin = gauge("x509_cert_not_before", "Begin, seconds since 1970", *labels)
    end = gauge("x509_cert_not_after", "End, seconds since 1970", *labels)
    expired = gauge("x509_cert_expired", "1 if it has ended", *labels)
    for one in results:
        summary = one.summary
        if summary.not_before is None or summary.not_after is None:
            continue
        common = texts.shown(next(iter(summary.common_names), ""))
        for place in map(texts.shown, one.places):
            values = (place, common, summary.serial_number)
            begin.labels(*values).set(summary.not_before.timestamp())
            end.labels(*values).set(summary.not_after.timestamp())
            expired.labels(*values).set(summary.not_after < at)
    things = gauge("certlib_things", "What was found, by its worst finding", "status")
    for status, number in tiles(results).items():
        things.labels(status).set(number)
    findings = gauge("certlib_findings", "What is wrong", "severity", "rule")
    wrong = Counter((str(f.severity), f.rule) for one in results for f in one.findings)
    for (severity, rule), number in wrong.items():
        findings.labels(severity, rule).set(number)
    gauge("certlib_last_run_timestamp_seconds", "When it was").set(at.timestamp())
    return generate_latest(registry)
