"""Certificates in Windows' stores, and the properties that Windows keeps with them.

pywin32 frees a certificate's handle when the object goes, and once more when it
was freed by hand: so none is freed by hand here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pywintypes
import win32crypt
import win32cryptcon

from certlib import keys
from certlib.bundles import Bundle
from certlib.keys import PrivateKey
from certlib.names import addresses
from certlib.names.addresses import StoreLocation
from certlib.stores import _capi, _cng, _crypt32, contract
from certlib.stores.contract import KeyProvider

if TYPE_CHECKING:
    from _win32typing import PyCERT_CONTEXT, PyCERTSTORE

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

StoredKey = _capi.CapiKey | _cng.CngKey

_LOCATIONS = {
    StoreLocation.LOCAL_MACHINE: win32cryptcon.CERT_SYSTEM_STORE_LOCAL_MACHINE,
    StoreLocation.CURRENT_USER: win32cryptcon.CERT_SYSTEM_STORE_CURRENT_USER,
}
_ALWAYS_THERE = ("My", "CA", "Root")  # or made when they are first opened
NOT_FOUND = {2, 0x80092004}  # ERROR_FILE_NOT_FOUND, CRYPT_E_NOT_FOUND
_FORCED = 0x1  # although no certificate came or went
_COMMIT = 3  # CERT_STORE_CTRL_COMMIT


def code(error: OSError | pywintypes.error) -> int:
    """Return Windows' code, as its documents write it: never below zero."""
    return (getattr(error, "winerror", None) or 0) & 0xFFFFFFFF


def store_names(location: StoreLocation) -> list[str]:
    """Return the names of a location's stores."""
    try:
        found = win32crypt.CertEnumSystemStore(_LOCATIONS[location])
    except pywintypes.error as error:
        if code(error) not in NOT_FOUND:  # a user without any store
            raise
        found = []
    usual = {name.casefold(): name for name in addresses.TITLES}
    names = {name.casefold(): name for name in (*found, *_ALWAYS_THERE)}
    return sorted(usual.get(folded, name) for folded, name in names.items())


def open_store(location: StoreLocation, name: str, flags: int) -> PyCERTSTORE:
    """Open a store; it is closed when the last object of it goes."""
    flags |= _LOCATIONS[location]
    if name.casefold() not in map(str.casefold, _ALWAYS_THERE):
        flags |= win32cryptcon.CERT_STORE_OPEN_EXISTING_FLAG
    store = win32crypt.CertOpenStore(
        win32cryptcon.CERT_STORE_PROV_SYSTEM, 0, None, flags, name
    )
    assert store is not None  # noqa: S101 - only said for the type
    return store


def delete(store: PyCERTSTORE, certificate: PyCERT_CONTEXT) -> None:
    """Delete a certificate from its store, at once."""
    _crypt32.delete_certificate(certificate.HANDLE)
    store.CertControlStore(0, _COMMIT, None)  # type: ignore[arg-type]


def add(store: PyCERTSTORE, bundle: Bundle, key: StoredKey | None) -> None:
    """Add a certificate with its properties at once, whole or not at all."""
    memory = win32crypt.CertOpenStore(
        win32cryptcon.CERT_STORE_PROV_MEMORY, 0, None, 0, None
    )
    assert memory is not None  # noqa: S101 - only said for the type
    context = memory.CertAddEncodedCertificateToStore(
        win32cryptcon.X509_ASN_ENCODING,
        bundle.to_der(),
        win32cryptcon.CERT_STORE_ADD_ALWAYS,
    )
    if key is not None:
        _crypt32.set_key_reference(context.HANDLE, _reference(key))
    if bundle.friendly_name:
        _set_friendly_name(context, bundle.friendly_name)
    store.CertAddCertificateContextToStore(context, win32cryptcon.CERT_STORE_ADD_NEW)
    store.CertControlStore(0, _COMMIT, None)  # type: ignore[arg-type]


def rename(store: PyCERTSTORE, context: PyCERT_CONTEXT, name: str) -> None:
    """Give a certificate of a store another name for people."""
    _set_friendly_name(context, name)
    store.CertControlStore(_FORCED, _COMMIT, None)  # type: ignore[arg-type]


def _set_friendly_name(context: PyCERT_CONTEXT, name: str) -> None:
    context.CertSetCertificateContextProperty(
        # Windows wants the NUL, pywin32 does not count it in.
        win32cryptcon.CERT_FRIENDLY_NAME_PROP_ID,
        name + "\0",
    )


def place_for(
    private_key: PrivateKey, provider: KeyProvider | None, location: StoreLocation
) -> StoredKey:
    """Return where a private key goes: a container named after its public key."""
    public_key = private_key.public_key()
    chosen = contract.key_provider(public_key, provider)
    container = f"certlib-{keys.key_sha256(public_key)}"
    kind = _capi.CapiKey if chosen is KeyProvider.CAPI else _cng.CngKey
    return kind(
        container, chosen.value, machine=location is StoreLocation.LOCAL_MACHINE
    )


def _reference(key: StoredKey) -> _crypt32.KeyProvInfo:
    kind = key.provider_type if isinstance(key, _capi.CapiKey) else 0
    flags = _crypt32.MACHINE_KEY if key.machine else 0
    return _crypt32.KeyProvInfo(
        key.container, key.provider, kind, flags, 0, None, key.key_spec
    )


def key_of(context: PyCERT_CONTEXT) -> StoredKey | None:
    """Return where the private key of a certificate lies, if it has one."""
    try:
        found = context.CertGetCertificateContextProperty(  # type: ignore[no-untyped-call]
            _crypt32.KEY_PROV_INFO
        )
    except pywintypes.error as error:
        if code(error) in NOT_FOUND:
            return None
        raise
    container, provider = found["ContainerName"], found["ProvName"] or ""
    machine, spec = bool(found["Flags"] & _crypt32.MACHINE_KEY), found["KeySpec"]
    if found["ProvType"] == 0:
        return _cng.CngKey(container, provider, machine, spec)
    return _capi.CapiKey(container, provider, found["ProvType"], machine, spec)


def same_container(one: StoredKey, other: StoredKey) -> bool:
    """Tell whether two places are the same."""
    # All of Microsoft's CAPI providers for RSA share their containers.
    return (type(one), one.machine, one.container.casefold()) == (
        type(other),
        other.machine,
        other.container.casefold(),
    )


def friendly_name(context: PyCERT_CONTEXT) -> str:
    """Return a certificate's name for people, or an empty text."""
    try:
        name: str = context.CertGetCertificateContextProperty(  # type: ignore[no-untyped-call]
            win32cryptcon.CERT_FRIENDLY_NAME_PROP_ID
        )
    except pywintypes.error:
        return ""
    return name.rstrip("\0")


def exportable(key: StoredKey) -> bool:
    """Tell whether a key may leave the machine, as far as this account may know."""
    try:
        return key.exportable()
    except (pywintypes.error, OSError):  # gone, or not for this account
        return False
