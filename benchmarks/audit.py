"""How fast is an audit? `uv run python benchmarks/audit.py [--json]`.

Figures are CPU time on one core: the best of many rounds, in which the ways take
turns, so that they hold on a busy machine, too. What is compared:

audit    DER to DataFrame: read everything, judge by every rule that looks at
         the certificate alone, a row for each finding.
naive    the same fields read plainly with `cryptography`; nothing is judged.
pkilint  the PKIX linter of the package `pkilint`, on a sample.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from corpus import AT, corpus, made
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from certlib import rules
from certlib.reports import scale

CONTEXT = rules.Context(at=AT)
MILLION = 1_000_000


def naive(der: bytes) -> list[object]:
    """Read the fields, each as the documentation of `cryptography` shows it."""
    certificate = x509.load_der_x509_certificate(der)
    row: list[object] = [
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.serial_number,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        certificate.fingerprint(hashes.SHA256()).hex(),
    ]
    key = certificate.public_key()
    row += [type(key).__name__, getattr(key, "key_size", None)]
    extensions = certificate.extensions
    for wanted in (
        x509.SubjectAlternativeName,
        x509.KeyUsage,
        x509.ExtendedKeyUsage,
        x509.BasicConstraints,
    ):
        try:
            value = extensions.get_extension_for_class(wanted).value
        except x509.ExtensionNotFound:
            row.append(None)
            continue
        row.append(_PLAIN[wanted](value))
    return row


_PLAIN: dict[type, Callable] = {
    x509.SubjectAlternativeName: lambda san: [str(name.value) for name in san],
    x509.KeyUsage: lambda usage: (
        usage.digital_signature,
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
    ),
    x509.ExtendedKeyUsage: lambda usage: [oid.dotted_string for oid in usage],
    x509.BasicConstraints: lambda basic: (basic.ca, basic.path_length),
}


def readable(ders: list[bytes]) -> list[bytes]:
    """Return those that the naive way gets through."""
    found = []
    for der in ders:
        try:
            naive(der)
        except Exception:
            continue
        found.append(der)
    return found


def seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def compare(rounds: int = 15) -> dict[str, object]:
    everything = corpus()
    ders = readable(everything)
    records = [(f"file-{n}.cer", der) for n, der in enumerate(ders)]
    scale.frame(records, CONTEXT)  # imports, caches
    ours, plain = [], []
    for _ in range(rounds):  # in turns, as the machine is not always equally fast
        plain.append(seconds(lambda: [naive(der) for der in ders]))
        ours.append(seconds(lambda: scale.frame(records, CONTEXT)))
    table = scale.frame(records, CONTEXT)
    odd = [(f"odd-{n}", der) for n, der in enumerate(everything)]
    slowest = max(seconds(partial(scale.frame, [one], CONTEXT)) for one in odd)
    count = len(ders)
    alone = [r for r in rules.RULES.values() if r.id not in AROUND]
    return {
        "certificates": count,
        "odd ones beside them": len(everything) - count,
        "rules on the certificate alone": len(alone),
        "rules on chain, signature and store": len(rules.RULES) - len(alone),
        "findings": int((table["severity"] != "fine").sum()),
        "audit, µs each": round(min(ours) / count * 1e6, 1),
        "naive, µs each": round(min(plain) / count * 1e6, 1),
        "audit / naive": round(min(ours) / min(plain), 2),
        "slowest of all, ms (with the cost of a frame)": round(slowest * 1e3, 1),
        **against_pkilint(ders, min(ours) / count),
    }


AROUND = {
    "chain-incomplete",
    "chain-in-wrong-order",
    "in-current-user",
    "issuer-expired",
    "issuer-may-not-issue",
    "key-known-weak",
    "key-shared",
    "not-a-root-among-roots",
    "not-in-personal",
    "outlives-its-issuer",
    "private-key-not-readable",
    "root-sent-along",
    "root-unknown",
    "signature-broken",
    "stranger-in-chain",
    "old-tls-version-offered",
    "tls-version-old",
}
"""Rules that need more than the certificate itself."""


def against_pkilint(ders: list[bytes], ours: float) -> dict[str, object]:
    try:
        from certlib.auditing import linting

        lint = linting.linter()
    except ImportError:
        return {"pkilint": "not installed (extra pkilint)"}
    sample = ders[:: max(1, len(ders) // 150)]
    lint(sample[0])
    each = seconds(lambda: [lint(der) for der in sample]) / len(sample)
    return {
        "pkilint, µs each": round(each * 1e6),
        "times faster than pkilint": round(each / ours),
    }


def many(count: int) -> Iterator[scale.Record]:
    """Yield leaves that differ in their serial numbers; their signatures do not."""
    leaves = made(1000)
    places = [(der, _serial_at(der)) for der in leaves]
    for number, (der, at) in zip(range(count), itertools.cycle(places), strict=False):
        serial = number.to_bytes(8, "big")
        yield f"host-{number}:443", der[:at] + serial + der[at + 8 :]


def _serial_at(der: bytes) -> int:
    number = x509.load_der_x509_certificate(der).serial_number
    return der.index(number.to_bytes(16, "big")) + 8


def large(count: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        run = scale.to_parquet(many(count), CONTEXT, Path(folder) / "audit")
        wall = time.perf_counter() - begin
        size = sum(part.stat().st_size for part in run.parts)
    peak = [
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "certificates": run.certificates,
        "findings": run.findings,
        "lost batches": len(run.failed),
        "seconds": round(wall, 1),
        "CPU seconds of the workers": round(used.ru_utime + used.ru_stime, 1),
        "cores": os.cpu_count(),
        "MiB at most, this process": round(peak[0]),
        "MiB at most, the largest worker": round(peak[1]),
        "MB of Parquet": round(size / 1e6, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument(
        "--large",
        type=int,
        metavar="N",
        default=0,
        help=f"also N certificates to Parquet ({MILLION:,})",
    )
    parser.add_argument("--only-large", action="store_true", help="nothing else")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    result: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
    }
    if not given.only_large:
        result["one core"] = compare()
    if given.large:
        result["all cores"] = large(given.large)
    if given.json:
        json.dump(result, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"\n{name}")
            for inner, figure in value.items():
                print(f"  {inner:48} {figure}")
        else:
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
