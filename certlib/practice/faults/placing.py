"""Faults of the place: the store, the private key, and who may read it."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from certlib import keys, summaries
from certlib.bundles import Bundle
from certlib.practice.faults.catalogue import fault
from certlib.practice.material import DAY, USERS
from certlib.practice.service import Service
from certlib.stores import PERSONAL


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


@fault("certificate", level=2)
def key_left_behind(service: Service) -> None:
    """The key could not be exported from the old server, and nobody has its PFX file.

    The service moved to a new server. The old one did not let the key out, so they
    took the .cer file along.
    """
    bundle = service.release()
    service.made.clear()
    service.use(Bundle(bundle.leaf))


@fault("protection", level=2)
def pfx_too_new(service: Service) -> None:
    """The PFX file is protected by AES-256, which this old Windows cannot read.

    The import says that the password is incorrect, and it is correct: another
    computer opens the file with it. The server is a Windows Server 2012.
    """
    service.machine.open(PERSONAL).remove(service.settings.selected)
    service.reads_aes = False


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


def _key_files(service: Service, certificate: x509.Certificate) -> list[Path]:
    name = summaries.of_certificate(certificate).key_sha256
    return list(service.material.folder.rglob(f"{name}.pem"))
