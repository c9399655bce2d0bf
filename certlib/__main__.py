"""Run the command line as ``python -m certlib``."""

import sys


def main() -> None:
    """Run it; Ctrl+C may come while it is still loading."""
    try:
        from certlib import cli
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
