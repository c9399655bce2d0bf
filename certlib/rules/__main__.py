"""``python -m certlib.rules`` prints the catalogue of rules as Markdown."""

from certlib.rules.catalogue import catalogue

print(catalogue(), end="")  # noqa: T201
