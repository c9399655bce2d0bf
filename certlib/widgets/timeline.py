"""Timeline: when which certificates expire, as a picture."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from matplotlib import dates
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from certlib.auditing import Audited
from certlib.reports import COLOURS, FINE
from certlib.rules import Severity

_SHOWN = 40
_SPAN = timedelta(days=3 * 365)


def timeline(results: Iterable[Audited], *, at: datetime) -> bytes:
    """Return a picture (PNG) of the ends of the certificates, the next first.

    Args:
        results: from `auditing.audit`; those that end within three years before
            or after are shown, the first forty.
        at: the moment that the red line marks.
    """
    dated = [(r.summary.not_after, r) for r in results]
    near = [(end, r) for end, r in dated if end is not None and abs(end - at) < _SPAN]
    chosen = sorted(near, key=lambda pair: (pair[0], pair[1].place))[:_SHOWN]
    figure = Figure(figsize=(9, 1.2 + 0.26 * len(chosen)), layout="constrained")
    FigureCanvasAgg(figure)
    axes, then = figure.add_subplot(), _number(at)
    for row, (end, result) in enumerate(chosen):
        colour = COLOURS[result.worst or FINE].ground
        axes.plot([then, _number(end)], [row, row], color=colour, linewidth=4)
        axes.plot([_number(end)], [row], "o", color=colour, markeredgecolor="#57606a")
    axes.axvline(then, color=Severity.ERROR.colours.ground, linewidth=1)
    axes.set_yticks(range(len(chosen)), [_label(result) for _, result in chosen])
    axes.invert_yaxis()
    axes.xaxis_date()
    axes.tick_params(axis="x", labelsize=8)
    axes.set_title("Expiry", loc="left", fontsize=11)
    axes.grid(axis="x", alpha=0.3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return stream.getvalue()


def _number(moment: datetime) -> float:
    convert: Any = dates.date2num  # has no types
    return float(convert(moment))


def _label(result: Audited) -> str:
    summary = result.summary
    name = next(iter(summary.common_names or summary.server_names), summary.subject)
    # A dollar sign would begin a formula of matplotlib's.
    return name[:40].replace("$", r"\$")
