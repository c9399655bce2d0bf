"""Faults: what breaks a service, each laid into one that works.

A fault is a function: its name is the cause's, the first line of its docstring the
cause in a sentence, the rest what users report. It changes the service and
returns how that is repaired.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import keys, stores, summaries
from certlib.bundles import Bundle
from certlib.keys import PrivateKey
from certlib.practice.material import DAY, USERS, Authority
from certlib.practice.service import Service, closed_port
from certlib.stores import INTERMEDIATE, PERSONAL


@dataclass(frozen=True)
class Repair:
    """Something that an administrator can do, and that is then done.

    Attributes:
        text: what it is.
        change: does it to a service.
        restarts: the service is restarted after it.
    """

    text: str
    change: Callable[[Service], None]
    restarts: bool = True

    def do(self, service: Service) -> None:
        """Repair a service."""
        self.change(service)
        if self.restarts:
            service.restart()


def _ask_for_another(service: Service) -> None:
    service.use(service.release())


def _import_again(service: Service) -> None:
    newest = max(service.made, key=lambda bundle: bundle.leaf.not_valid_before_utc)
    store = service.machine.open(PERSONAL)
    if stores.has(store, newest.thumbprint):
        store.remove(newest.thumbprint)
    service.use(newest)


def _select_newest(service: Service) -> None:
    entries = list(service.machine.open(PERSONAL))
    newest = max(entries, key=lambda e: e.certificate.not_valid_before_utc)
    service.set(selected=newest.thumbprint)


def _grant(service: Service) -> None:
    store = service.machine.open(PERSONAL)
    store.grant_read(service.settings.selected, service.product.service_account)


def _import_issuer(service: Service) -> None:
    store = service.machine.open(INTERMEDIATE)
    for entry in list(store):
        if entry.certificate.not_valid_after_utc < service.material.at:
            store.remove(entry.thumbprint)
    issuer = Bundle(service.issuing.certificate)
    if not stores.has(store, issuer.thumbprint):
        store.add(issuer)


def _trust_root(service: Service) -> None:
    service.trusted = (*service.trusted, service.root.certificate)


def _call_right(service: Service) -> None:
    service.called, service.called_port = service.host, 0


def _settings(service: Service) -> None:
    service.set(
        https=True,
        hangs=False,
        asks_clients=False,
        versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    )


REPAIRS = {
    "certificate": Repair(
        "get another certificate of the company's authority, for the server's name, "
        "and select it",
        _ask_for_another,
    ),
    "import": Repair(
        "import the newest PFX file into Local Machine > Personal, let the service "
        "read the key, and select it",
        _import_again,
    ),
    "select": Repair("select the newest certificate in the Designer", _select_newest),
    "grant": Repair("let the service's account read the private key", _grant),
    "issuer": Repair(
        "put the present certificate of the issuing authority into Intermediate "
        "Certification Authorities, in place of one that has ended",
        _import_issuer,
    ),
    "root": Repair(
        "have the clients trust the company's root", _trust_root, restarts=False
    ),
    "call": Repair("tell the users the right address", _call_right, restarts=False),
    "settings": Repair(
        "set the web server to HTTPS with TLS 1.2 and 1.3, without certificates of "
        "clients",
        _settings,
    ),
    "restart": Repair("only restart the service", lambda service: None),
}
"""What can be done, by name."""


@dataclass(frozen=True)
class Fault:
    """A cause of trouble.

    Attributes:
        name: in words with hyphens.
        cause: in a sentence.
        report: what users say.
        level: 1 for easy to 3 for hard.
        repair: the name of what repairs it.
        lay: lays it into a service.
    """

    name: str
    cause: str
    report: str
    level: int
    repair: str
    lay: Callable[[Service], None]


FAULTS: dict[str, Fault] = {}
"""All faults by name."""

Lay = Callable[[Service], None]


def fault(repair: str, *, level: int = 1) -> Callable[[Lay], Lay]:
    """Publish a function as a fault, repaired by one of `REPAIRS`."""

    def publish(lay: Lay) -> Lay:
        name = lay.__name__.strip("_").replace("_", "-")
        cause, _, report = (lay.__doc__ or name).partition("\n")
        FAULTS[name] = Fault(name, cause, " ".join(report.split()), level, repair, lay)
        return lay

    return publish


@fault("certificate")
def expired(service: Service) -> None:
    """The certificate has expired.

    It worked for a year, and since this morning nobody gets in.
    """
    service.use(service.release(age=366 * DAY))


@fault("certificate", level=2)
def revoked(service: Service) -> None:
    """The authority has revoked the certificate.

    Some browsers stop in front of it, others and all programs notice nothing. Last
    week a backup of the server was lost.
    """
    service.revoke()


@fault("certificate")
def not_yet_valid(service: Service) -> None:
    """The certificate is not valid yet.

    The new certificate is in, and the browser warns of it.
    """
    service.use(service.release(age=-3 * DAY))


@fault("certificate")
def wrong_name(service: Service) -> None:
    """The certificate is for another server.

    The server moved last week; the certificate moved with it. The browser says
    that this is not the server it pretends to be.
    """
    service.use(service.release(service.material.host()))


@fault("certificate", level=2)
def misspelled_name(service: Service) -> None:
    """The name in the certificate is misspelled.

    The certificate is brand-new and names the server, they say. Clients refuse it.
    """
    first, _, rest = service.host.partition(".")
    service.use(service.release(f"{first[:-1]}.{rest}", common_name=service.host))


@fault("certificate", level=2)
def only_a_common_name(service: Service) -> None:
    """The certificate has no Subject Alternative Name.

    Some programs get in, browsers do not.
    """
    service.use(service.release(common_name=service.host))


@fault("certificate", level=2)
def only_an_address(service: Service) -> None:
    """The certificate names the server's IP address only.

    By its address the server answers well; nobody calls it so.
    """
    san = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("192.0.2.7"))]
    )
    service.use(service.release(service.host, extra=[san]))


@fault("certificate", level=2)
def wildcard_too_short(service: Service) -> None:
    """The wildcard does not reach down to the server's name.

    The wildcard certificate works on all other servers.
    """
    service.host = f"{service.material.word()}.{service.host}"
    service.called = service.host
    service.use(service.release("*.example.com"))


@fault("call")
def short_name_called(service: Service) -> None:
    """Users call the server by a short name that is not in the certificate.

    It works for some colleagues and not for others, on the same computer even.
    """
    service.called = service.host.partition(".")[0]


@fault("certificate")
def self_signed(service: Service) -> None:
    """The certificate is self-signed.

    It was only for the test, they said; now it is production.
    """
    service.use(service.release(issuer=None))


@fault("root", level=2)
def root_not_distributed(service: Service) -> None:
    """The clients do not know the company's root.

    On the server itself the browser is content; on the new laptops it is not.
    """
    service.trusted = (service.material.authority("Another Root").certificate,)


@fault("certificate", level=2)
def released_by_a_test_authority(service: Service) -> None:
    """A test authority released the certificate, which no client trusts.

    The certificate has a chain and a root, and no client takes it.
    """
    service.use(service.release(issuer=service.material.authority("Test Root CA")))


@fault("issuer")
def issuer_not_sent(service: Service) -> None:
    """The server does not send the certificate of its issuer.

    The browser on the desk works since it has seen the issuer elsewhere; programs
    do not.
    """
    _take_away_issuer(service)


@fault("issuer", level=3)
def issuer_expired(service: Service) -> None:
    """The server sends an issuer's certificate that has expired.

    The server's certificate is good for another year. Since yesterday nobody gets in.
    """
    _take_away_issuer(service)
    old = service.material.authority(
        "Example Issuing CA",
        service.root,
        key=service.issuing.key,
        age=400 * DAY,
        validity=399 * DAY,
    )
    service.machine.open(INTERMEDIATE).add(Bundle(old.certificate))


@fault("certificate", level=2)
def signed_with_sha_1(service: Service) -> None:
    """The certificate is signed with SHA-1.

    An old authority in the cellar released it. Nobody takes it any more.
    """
    bundle = service.release()
    service.use(replace(bundle, leaf=_with_sha_1(bundle.leaf, service.issuing.key)))


@fault("certificate", level=2)
def key_of_1024_bits(service: Service) -> None:
    """The key has 1024 bits.

    The certificate was made from a template of 2009. Programs refuse it, browsers do
    not.
    """
    service.use(service.release(key=_weak_key()))


@fault("certificate", level=3)
def issuer_of_1024_bits(service: Service) -> None:
    """The issuing authority has a key of 1024 bits.

    The server's own key is strong. Programs refuse it all the same.
    """
    weak = service.material.authority("Old Issuing CA", service.root, key=_weak_key())
    _release_under(service, weak)


@fault("certificate", level=2)
def for_clients_only(service: Service) -> None:
    """The certificate may be used by clients only.

    It was taken over from the VPN, where it works.
    """
    service.use(service.release(usage=ExtendedKeyUsageOID.CLIENT_AUTH))


@fault("certificate", level=3)
def issuer_for_clients_only(service: Service) -> None:
    """The issuing authority may release certificates for clients only.

    The server's certificate is for servers, and clients refuse it.
    """
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    _release_under(
        service,
        service.material.authority("Client Issuing CA", service.root, extra=[usage]),
    )


@fault("certificate", level=3)
def name_not_permitted(service: Service) -> None:
    """The issuing authority may not release certificates for this name.

    Servers of the other department work with the same authority.
    """
    permitted = x509.NameConstraints([x509.DNSName("corp.test")], None)
    _release_under(
        service,
        service.material.authority("Corp Issuing CA", service.root, extra=[permitted]),
    )


@fault("certificate", level=3)
def issuer_is_no_authority(service: Service) -> None:
    """A server's certificate released it, and no authority.

    Somebody signed it with what was at hand.
    """
    _release_under(
        service,
        service.material.authority("Example Server", service.root, ca=False),
    )


@fault("certificate", level=3)
def path_too_long(service: Service) -> None:
    """One authority too many stands between the root and the server.

    The department has an authority of its own now, below the company's.
    """
    middle = service.material.authority(
        "Example Policy CA", service.root, path_length=0
    )
    service.machine.open(INTERMEDIATE).add(Bundle(middle.certificate))
    _release_under(service, service.material.authority("Department CA", middle))


@fault("certificate", level=3)
def unknown_critical_extension(service: Service) -> None:
    """The certificate has a critical extension that no client knows.

    The authority's new template has a mark of the company's own.
    """
    mark = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"
    )
    service.use(service.release(service.host, extra=[mark]))


@fault("certificate", level=3)
def precertificate(service: Service) -> None:
    """A precertificate was installed, which is for logs only.

    It was downloaded from a site that lists certificates.
    """
    service.use(service.release(service.host, extra=[x509.PrecertPoison()]))


@fault("import")
def no_private_key(service: Service) -> None:
    """The certificate was imported without its private key.

    The .cer file is in the store, and the service does not answer.
    """
    bundle = service.release()
    service.use(Bundle(bundle.leaf))


@fault("import", level=3)
def key_of_another_certificate(service: Service) -> None:
    """The private key in the store is that of another certificate.

    The machine came back from a backup, and the service does not answer.
    """
    selected = service.settings.selected
    store = service.machine.open(PERSONAL)
    other = service.material.key()
    (path,) = _key_files(service, store.find(selected).certificate)
    path.write_bytes(keys.write_private_key(other))


@fault("import")
def in_current_user(service: Service) -> None:
    """The certificate lies in Current User, where no service looks.

    The import succeeded, and the Designer does not list it.
    """
    service.machine.open(PERSONAL).remove(service.settings.selected)
    service.use(service.release(), to=USERS, grant=False)


@fault("grant")
def key_not_readable(service: Service) -> None:
    """The service's account may not read the private key.

    Started by hand as an administrator it works, as a service it does not.
    """
    service.use(service.release(), grant=False)


@fault("grant", level=2)
def renewed_without_right(service: Service) -> None:
    """After the renewal the service may not read the new private key.

    The old certificate worked for years. Today it was renewed and selected.
    """
    old = service.settings.selected
    service.use(service.release(age=DAY), grant=False)
    service.machine.open(PERSONAL).remove(old)


@fault("restart")
def not_restarted(service: Service) -> None:
    """The service was not restarted and presents the old certificate.

    The new one is imported and selected, and the browser shows the old one.
    """
    new = service.release(age=DAY)
    service.use(service.release(age=366 * DAY))
    service.restart()
    service.use(new)
    service.restarts = False


@fault("select")
def old_one_selected(service: Service) -> None:
    """The Designer still points to the old certificate.

    The renewed certificate is in the store, the service was restarted.
    """
    service.use(service.release(age=1 * DAY), select=False)
    service.use(service.release(age=366 * DAY))


@fault("select", level=2)
def selection_is_gone(service: Service) -> None:
    """The selected certificate is not in the store any more.

    Somebody cleaned up in the store, and the service does not start.
    """
    old = service.settings.selected
    service.use(service.release(age=DAY), select=False)
    service.machine.open(PERSONAL).remove(old)


@fault("call")
def wrong_port(service: Service) -> None:
    """Users call a port on which nothing listens.

    The browser says that the connection is refused.
    """
    service.called_port = closed_port()


@fault("settings")
def plain_http(service: Service) -> None:
    """The web server is set to HTTP, without TLS.

    The browser says that the server sent an invalid response.
    """
    service.set(https=False)


@fault("settings", level=2)
def old_tls_only(service: Service) -> None:
    """The server speaks TLS 1.0 only.

    Old programs get in, new ones do not.
    """
    service.set(versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1))


@fault("settings", level=2)
def hanging(service: Service) -> None:
    """The service accepts connections and never answers.

    The page loads and loads.
    """
    service.set(hangs=True)


@fault("settings", level=3)
def client_certificate_wanted(service: Service) -> None:
    """The server wants a certificate from its clients.

    The handshake fails, though everything about the server's certificate is right.
    """
    service.set(asks_clients=True)


def broken(name: str, seed: str, folder: Path) -> Service:
    """Return a service with a fault, restarted unless that is the fault."""
    service = Service.fresh(f"{seed}/{name}", folder)
    before = service.settings.selected
    FAULTS[name].lay(service)
    if FAULTS[name].repair == "certificate":  # the good one would be a way out
        service.machine.open(PERSONAL).remove(before)
    if service.restarts:
        service.restart()
    return service


def _release_under(service: Service, issuer: Authority) -> None:
    service.machine.open(INTERMEDIATE).add(Bundle(issuer.certificate))
    service.use(service.release(issuer=issuer))


def _take_away_issuer(service: Service) -> None:
    issuer = Bundle(service.issuing.certificate)
    service.machine.open(INTERMEDIATE).remove(issuer.thumbprint)


def _weak_key() -> PrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 # that is the fault


def _with_sha_1(leaf: x509.Certificate, key: PrivateKey) -> x509.Certificate:
    """Sign a certificate again as nobody does any more: the library refuses to."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101
    algorithm = {"algorithm": "sha1_ecdsa"}
    from_der = asn1_x509.Certificate.load(leaf.public_bytes(Encoding.DER))
    from_der["tbs_certificate"]["signature"] = algorithm
    from_der["signature_algorithm"] = algorithm
    signed = from_der["tbs_certificate"].dump(force=True)
    from_der["signature_value"] = key.sign(signed, ec.ECDSA(hashes.SHA1()))  # noqa: S303
    return x509.load_der_x509_certificate(from_der.dump(force=True))


def _key_files(service: Service, certificate: x509.Certificate) -> list[Path]:
    name = summaries.of_certificate(certificate).key_sha256
    return list(service.material.folder.rglob(f"{name}.pem"))
