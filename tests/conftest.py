"""What all tests share."""


def pytest_terminal_summary(terminalreporter):
    """Print what tests recorded with `record_property("summary", text)`.

    Printed output of a passing test is lost, more so in a worker of xdist.
    Stands here as a session that distributes its tests loads no conftest below.
    """
    lines = [
        f"{report.nodeid}: {text}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, text in report.user_properties
        if name == "summary"
    ]
    if lines:
        terminalreporter.section("summaries")
        terminalreporter.write_line("\n".join(sorted(lines)))
