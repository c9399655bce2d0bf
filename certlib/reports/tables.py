"""Tables: results as pandas frames, coloured for the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from certlib import texts
from certlib.auditing import Audited
from certlib.reports import COLOURS, COLUMNS, FINE
from certlib.rules import Finding
from certlib.summaries import Summary

STYLES = {
    name: f"color:{text};background-color:{ground}"
    for name, (text, ground) in COLOURS.items()
}
"""`COLOURS` as CSS."""

_OF_THE_RULE = ("severity", "rule", "finding", "remedy", "by", "source", "url")


def frame(results: Iterable[Audited]) -> pd.DataFrame:
    """Return a row for each finding, and one for each place where all is fine."""
    apart = [
        (place, one.summary, tuple(findings))
        for one in results
        for place, findings in one.at_place().items()
    ]
    return columns(
        [place for place, _, _ in apart],
        [summary for _, summary, _ in apart],
        [findings for _, _, findings in apart],
    )


def columns(
    places: Sequence[str],
    summaries: Sequence[Summary],
    findings: Sequence[tuple[Finding, ...]],
) -> pd.DataFrame:
    """Return the same as `frame` from columns, for very many certificates.

    What a rule says of itself is stored once and not in each row
    (categories); what a certificate says is repeated by numpy.
    """
    rows = np.fromiter((len(f) or 1 for f in findings), int, len(findings))
    which = np.repeat(np.arange(len(rows)), rows)
    said: dict[tuple[str, str, str], int] = {}
    heads = [_FINE]
    codes: list[int] = []
    details: list[str] = []
    for of_one in findings:
        if not of_one:
            codes.append(0)
            details.append("")
        for finding in of_one:
            key = (finding.rule, finding.remedy, finding.by)
            if (code := said.get(key)) is None:
                code = said[key] = len(heads)
                heads.append(_head(finding))
            codes.append(code)
            details.append(finding.detail)
    of_rule = {
        name: _category([head[n] for head in heads], codes)
        for n, name in enumerate(_OF_THE_RULE)
    }
    ends = [s.not_after for s in summaries]
    values = {
        "place": _texts(places)[which],
        "subject": _texts([s.subject for s in summaries])[which],
        "expires": _moments(ends)[which],
        "detail": _texts(details),
        "thumbprint": _texts([s.thumbprint for s in summaries])[which],
        **of_rule,
    }
    return pd.DataFrame({name: values[name] for name in COLUMNS}, copy=False)


_FINE = (FINE, *[""] * 6)


def _head(one: Finding) -> tuple[str, ...]:
    of_rule = (one.rule, one.text, one.remedy, one.by, one.source, one.url)
    return (str(one.severity), *of_rule)


def _category(values: Sequence[str], codes: Sequence[int]) -> Any:
    positions = {value: n for n, value in enumerate(dict.fromkeys(values))}
    of_code = np.array([positions[value] for value in values], dtype=np.int16)
    which: np.ndarray[tuple[int], np.dtype[np.int16]] = of_code[np.array(codes, int)]
    return pd.Categorical.from_codes(which, pd.Index(list(positions)))


def _texts(values: Sequence[str]) -> Any:
    return pd.array(values, dtype="str")


def _moments(values: Sequence[datetime | None]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(list[Any](values), utc=True))


class _Table(Styler):
    """A styled table that is the same in each run, its plain text too."""

    def __repr__(self) -> str:
        return f"<Table: {len(self.index)} rows>"


def coloured(table: pd.DataFrame, *, columns: Iterable[str] = COLUMNS[:7]) -> Styler:
    """Return a frame with its severities in colour, the same HTML each time."""
    shown = table[list(columns)]
    style = _Table(shown, uuid="audit").hide(axis="index")
    style = style.set_table_styles(
        [{"selector": "th, td", "props": "text-align:left;vertical-align:top"}]
    )
    if "expires" in shown:
        style = style.format({"expires": day}, escape="html")
        style = style.set_properties(subset=["expires"], **{"white-space": "nowrap"})
    if "place" in shown:
        style = style.map(_whole, subset=["place"])
    return style.format(escape="html", subset=[c for c in shown if c != "expires"]).map(
        lambda value: STYLES.get(value, ""), subset=["severity"]
    )


def _whole(place: object) -> str:
    """Keep a name from being broken at a hyphen."""
    return "white-space:nowrap" * texts.stays_whole(str(place))


def day(moment: object) -> str:
    """Return a moment as a day, an empty text for none."""
    return f"{moment:%Y-%m-%d}" if isinstance(moment, pd.Timestamp) else ""
