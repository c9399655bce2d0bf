"""Faults of the chain: who released it, and what is sent along."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib.bundles import Bundle
from certlib.practice.faults.catalogue import fault
from certlib.practice.material import DAY, Authority
from certlib.practice.service import Service
from certlib.stores import INTERMEDIATE


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


@fault("certificate", level=3)
def issuer_of_1024_bits(service: Service) -> None:
    """The issuing authority has a key of 1024 bits.

    The server's own key is strong. Programs refuse it all the same.
    """
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 # that is the fault
    _release_under(service, "Old Issuing CA", key=weak)


@fault("certificate", level=3)
def issuer_for_clients_only(service: Service) -> None:
    """The issuing authority may release certificates for clients only.

    The server's certificate is for servers, and clients refuse it.
    """
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    _release_under(service, "Client Issuing CA", extra=[usage])


@fault("certificate", level=3)
def name_not_permitted(service: Service) -> None:
    """The issuing authority may not release certificates for this name.

    Servers of the other department work with the same authority.
    """
    permitted = x509.NameConstraints([x509.DNSName("corp.test")], None)
    _release_under(service, "Corp Issuing CA", extra=[permitted])


@fault("certificate", level=3)
def issuer_is_no_authority(service: Service) -> None:
    """A server's certificate released it, and no authority.

    Somebody signed it with what was at hand.
    """
    _release_under(service, "Example Server", ca=False)


@fault("certificate", level=3)
def path_too_long(service: Service) -> None:
    """One authority too many stands between the root and the server.

    The department has an authority of its own now, below the company's.
    """
    middle = _authority(service, "Example Policy CA", path_length=0)
    _release_under(service, "Department CA", issuer=middle)


@fault("order", level=3)
def chain_in_wrong_order(service: Service) -> None:
    """The chain is sent in the wrong order.

    There is a proxy in front of the service now. Browsers work; the scanner in the
    warehouse says that the chain is broken.
    """
    middle = _authority(service, "Example Policy CA")
    _release_under(service, "Department CA", issuer=middle)
    service.set(reversed_chain=True)


def _release_under(service: Service, name: str, **otherwise: Any) -> None:
    service.use(service.release(issuer=_authority(service, name, **otherwise)))


def _authority(service: Service, name: str, **otherwise: Any) -> Authority:
    """Return an authority below the company's root whose certificate is at hand."""
    made = service.material.authority(name, **{"issuer": service.root} | otherwise)
    service.machine.open(INTERMEDIATE).add(Bundle(made.certificate))
    return made


def _take_away_issuer(service: Service) -> None:
    issuer = Bundle(service.issuing.certificate)
    service.machine.open(INTERMEDIATE).remove(issuer.thumbprint)
