"""Templates: the pages of HTML that stand beside this file, filled in and escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from certlib import texts


def rendered(template: str, **values: Any) -> str:
    """Return a template of this folder with values, all of them harmless.

    A text is shown as `texts.shown` does and escaped, unless the template
    calls it ``safe``.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("certlib", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )


def _harmless(value: object) -> object:
    if isinstance(value, str) and not hasattr(value, "__html__"):  # that is markup
        return texts.shown(value)
    return value
