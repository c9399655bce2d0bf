"""A wish: how a certificate is to lie in the store."""

from __future__ import annotations

from dataclasses import dataclass

from certlib.stores import PERSONAL, StoreAddress


@dataclass(frozen=True)
class Wish:
    r"""What an import is asked for besides the certificate and the machine.

    Attributes:
        to: the store for the certificate itself.
        exportable: let the private key be exported again.
        include_root: trust the chain's root on this machine, too.
        renewal: it takes the place of a certificate with the same subject,
            which stays until it is removed.
        service_account: let this account read the private key, for example
            ``NT Service\BOARD Connector Service``.
        file_name: of the PFX file, for the PowerShell twin.
        ca_key: the private key may be that of a certification authority.
        anyway: put it there although it belongs into another store.
    """

    to: StoreAddress = PERSONAL
    exportable: bool = False
    include_root: bool = False
    renewal: bool = False
    service_account: str = ""
    file_name: str = "server.pfx"
    ca_key: bool = False
    anyway: bool = False
