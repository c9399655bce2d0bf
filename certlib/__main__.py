"""Run the command line as ``python -m certlib``."""

from certlib.cli import main

main()
