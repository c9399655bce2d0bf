"""Roles, certificates and faces: every ✓ is a claim that is true by itself.

Each kind of certificate is shown by each face that may call it good. What stands
behind a ✓ is looked up in the certificate again, by other code than the judge's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import forge
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID
from test_one_voice import ROLES

from certlib import clock
from certlib.bundles import Bundle
from certlib.cli import commands
from certlib.endpoints import serving
from certlib.files.environment import PASSPHRASE
from certlib.reports.board import details
from certlib.reports.board.session import Session
from certlib.reports.board.wishes import Wish
from certlib.stores import PERSONAL, TRUSTED_ROOT, practice_machine, this_machine
from certlib.trust.roots import Trust
from certlib.widgets.viewer import CertificateViewer

HOST = "a.example.com"
ROOT = forge.ca("A Trusted Root")
OTHER = forge.ca("A Root")

KINDS: dict[str, Callable[[], Bundle]] = {
    name: make for name, (make, _) in ROLES.items()
}
KINDS |= {
    "good": lambda: forge.leaf(san=[HOST], common_name=HOST, issuer=ROOT),
    "good, of an unknown root": lambda: forge.leaf(
        san=[HOST], common_name=HOST, issuer=OTHER
    ),
    "expired": lambda: forge.leaf(
        san=[HOST], common_name=HOST, issuer=ROOT, not_after=forge.AT - forge.SECOND
    ),
    "not yet": lambda: forge.leaf(
        san=[HOST], common_name=HOST, issuer=ROOT, not_before=forge.AT + forge.SECOND
    ),
    "CN alone": lambda: forge.leaf(san=None, common_name=HOST, issuer=ROOT),
    "no CN": lambda: forge.leaf(san=[HOST], common_name=None, issuer=ROOT),
    "of another": lambda: forge.leaf(issuer=ROOT),
    "for clients": lambda: forge.leaf(
        san=[HOST],
        common_name=HOST,
        issuer=ROOT,
        eku=[ExtendedKeyUsageOID.CLIENT_AUTH],
    ),
}


@pytest.fixture(autouse=True)
def _now(monkeypatch, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: forge.AT)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def told(*words: object) -> tuple[bool, str]:
    """Run a command; return whether it passes, and what it says."""
    run = CliRunner(env={PASSPHRASE: "geheim"}).invoke(commands, list(map(str, words)))
    return run.exit_code == 0, run.output


def on_a_port(bundle: Bundle, folder: Path) -> tuple[bool, str]:
    with serving.serve(bundle) as service:
        where = f"127.0.0.1:{service.port}"
        return told("check", where, "--server", HOST, *root(folder))


def asked_by_audit(bundle: Bundle, folder: Path) -> tuple[bool, str]:
    with serving.serve(bundle) as service:
        where = f"tls://127.0.0.1:{service.port}"
        return told("audit", where, "--server", HOST, *root(folder))


def root(folder: Path) -> tuple[str, Path]:
    (path := folder / "root.cer").write_bytes(ROOT.to_der())
    return "--root", path


def file(bundle: Bundle, folder: Path) -> Path:
    (path := folder / "one.cer").write_bytes(bundle.to_der())
    return path


def pfx(bundle: Bundle, folder: Path) -> Path:
    (path := folder / "one.pfx").write_bytes(bundle.to_pfx("geheim"))
    return path


def in_personal(bundle: Bundle, folder: Path) -> tuple[Session, Wish]:
    machine = practice_machine(folder / "stores")
    machine.open(PERSONAL).add(bundle)
    machine.open(TRUSTED_ROOT).add(Bundle(ROOT.leaf))
    session = Session(machine, folder / "accepted.toml")
    return session, Wish(store=str(PERSONAL), server_name=HOST)


def on_the_board(bundle: Bundle, folder: Path) -> tuple[bool, str]:
    session, wish = in_personal(bundle, folder)
    (one,) = session.audit(wish)
    shown = details.page(session.listing, 0, session)
    return one.worst is None, without_tags(shown)


def in_the_viewer(bundle: Bundle, folder: Path) -> tuple[bool, str]:
    trust = Trust.of((), given=[ROOT.leaf])
    viewer = CertificateViewer(bundle, at=forge.AT, trust=trust)
    return not viewer.view.general.trouble, without_tags(viewer.picture())


def planned(bundle: Bundle, folder: Path) -> tuple[bool, str]:
    machine = this_machine()
    machine.open(TRUSTED_ROOT).add(Bundle(ROOT.leaf))
    passes, said = told("import", pfx(bundle, folder), "--dry-run")
    return passes and "Error:" not in said and "Trust: trusted by" in said, said


def without_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html.replace("</p>", "\n")))


FACES: dict[str, Callable[[Bundle, Path], tuple[bool, str]]] = {
    "check": on_a_port,
    "audit a server": asked_by_audit,
    "audit a file": lambda b, f: told("audit", file(b, f), "--server", HOST, *root(f)),
    "audit a PFX": lambda b, f: told("audit", pfx(b, f), "--server", HOST, *root(f)),
    "inspect": lambda b, f: told("inspect", file(b, f), "--server", HOST, *root(f)),
    "board": on_the_board,
    "viewer": in_the_viewer,
    "plan of an import": planned,
}


def issued_by_root(leaf: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(ROOT.leaf)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def valid(leaf: x509.Certificate) -> bool:
    return leaf.not_valid_before_utc <= forge.AT <= leaf.not_valid_after_utc


def for_servers(leaf: x509.Certificate) -> bool:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def in_san(leaf: x509.Certificate) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return HOST in names.value.get_values_for_type(x509.DNSName)


def in_cn(leaf: x509.Certificate) -> bool:
    return f"CN={HOST}" in leaf.subject.rfc4514_string().split(",")


def trusted(leaf: x509.Certificate) -> bool:
    return issued_by_root(leaf) and valid(leaf) and for_servers(leaf)


def good(leaf: x509.Certificate) -> bool:
    return trusted(leaf) and in_san(leaf) and in_cn(leaf)


CLAIMS: dict[str, Callable[[x509.Certificate], bool]] = {
    r"TLS answer: TLSv1\.3": lambda leaf: True,
    rf"server name: {HOST} is in the SubjectAlternativeName": in_san,
    r"validity: until ": valid,
    r"server authentication: allowed": for_servers,
    r"chain: leads over CN=A Trusted Root": issued_by_root,
    r"trust: trusted by clients with the given roots: CN=A Trusted Root": trusted,
    rf"SAN and CN name {HOST}": lambda leaf: in_san(leaf) and in_cn(leaf),
    r"fine It breaks no requirement": good,
    rf"\S+ (\({HOST}\) )?CN=\S+ until": good,
    r"A Trusted Root\b": issued_by_root,
    # A step of a path says what is wrong with this certificate, and no more.
    rf"({HOST}|server\.example\.com)( This certificate is OK| Certificate status|$)": (
        lambda leaf: valid(leaf) and for_servers(leaf)
    ),
    r"This certificate is OK": lambda leaf: valid(leaf) and for_servers(leaf),
}
"""What may stand behind a ✓, and when it is true."""

FINE = {
    "viewer": {"good", "CN alone", "no CN", "of another"},  # it asks for no name
    "plan of an import": {"good", "of another"},
}
"""Which kinds a face calls good; only the good one, if it stands not here."""


@pytest.mark.skipif(sys.platform == "win32", reason="the stores of Windows stay alone")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("face", FACES)
def test_every_tick_is_true_and_only_what_is_good_passes(face, kind, tmp_path):
    bundle = KINDS[kind]()
    fine, said = FACES[face](bundle, tmp_path)
    assert (kind in FINE.get(face, {"good"})) is fine, said
    for tick in re.findall(r"✓\s*([^✓✗\n]+)", said):
        text = " ".join(tick.split())
        known = [true for claim, true in CLAIMS.items() if re.match(claim, text)]
        assert known, f"nobody knows when this is true: {text}"
        assert known[0](bundle.leaf), text
