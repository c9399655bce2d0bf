"""What pywin32 lacks of Windows' certificate functions.

Prototypes with a check of each result: a failure is an `OSError` whose
`winerror` is Windows' code. Handles are plain numbers here; those that a
function gives out are closed by a context manager.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_size_t, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD, FILETIME, LONG, LPCSTR
from datetime import UTC, datetime
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

KEY_PROV_INFO = 2  # CERT_KEY_PROV_INFO_PROP_ID
MACHINE_KEY = 0x20  # CRYPT_MACHINE_KEYSET and NCRYPT_MACHINE_KEY_FLAG alike
SILENT = 0x40  # CRYPT_SILENT and NCRYPT_SILENT_FLAG alike: no dialog
DACL_SECURITY_INFORMATION = 4
NTE_EXISTS = -2146893809
_PP_KEYSET_SEC_DESCR = 8
_HCCE_LOCAL_MACHINE = 1
_CERT_CHAIN_POLICY_SSL = 4
_AUTHTYPE_SERVER = 2
_CACHE_ONLY = 0x4  # CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL: nothing is fetched

_crypt32 = ctypes.WinDLL("crypt32", use_last_error=True)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)


class KeyProvInfo(Structure):
    """CRYPT_KEY_PROV_INFO: where the private key of a certificate lies."""

    _fields_ = (
        ("container", c_wchar_p),
        ("provider", c_wchar_p),
        ("provider_type", DWORD),
        ("flags", DWORD),
        ("parameters", DWORD),
        ("parameter", c_void_p),
        ("key_spec", DWORD),
    )


class CertContext(Structure):
    """CERT_CONTEXT, of which only the encoded certificate is looked at."""

    _fields_ = (
        ("encoding", DWORD),
        ("encoded", c_void_p),
        ("size", DWORD),
        ("info", c_void_p),
        ("store", c_void_p),
    )


class ChainElement(Structure):
    """CERT_CHAIN_ELEMENT: one certificate, and what is wrong with it."""

    _fields_ = (
        ("size", DWORD),
        ("certificate", POINTER(CertContext)),
        ("errors", DWORD),
        ("information", DWORD),
        ("revocation", c_void_p),
        ("issuance_usage", c_void_p),
        ("application_usage", c_void_p),
        ("extended_error", c_wchar_p),
    )


class SimpleChain(Structure):
    """CERT_SIMPLE_CHAIN: from the leaf to a root, or as far as it goes."""

    _fields_ = (
        ("size", DWORD),
        ("errors", DWORD),
        ("information", DWORD),
        ("length", DWORD),
        ("elements", POINTER(POINTER(ChainElement))),
        ("trust_list", c_void_p),
        ("has_freshness", BOOL),
        ("freshness", DWORD),
    )


class ChainContext(Structure):
    """CERT_CHAIN_CONTEXT: the best chain that was found."""

    _fields_ = (
        ("size", DWORD),
        ("errors", DWORD),
        ("information", DWORD),
        ("count", DWORD),
        ("chains", POINTER(POINTER(SimpleChain))),
    )


class _UsageMatch(Structure):
    _fields_ = (("type", DWORD), ("count", DWORD), ("identifiers", POINTER(LPCSTR)))


class _ChainPara(Structure):
    _fields_ = (("size", DWORD), ("usage", _UsageMatch))


class _SslPara(Structure):
    _fields_ = (
        ("size", DWORD),
        ("authentication_type", DWORD),
        ("ignored_checks", DWORD),
        ("server_name", c_wchar_p),
    )


class _PolicyPara(Structure):
    _fields_ = (("size", DWORD), ("flags", DWORD), ("extra", POINTER(_SslPara)))


class _PolicyStatus(Structure):
    _fields_ = (
        ("size", DWORD),
        ("error", DWORD),
        ("chain", LONG),
        ("element", LONG),
        ("extra", c_void_p),
    )


def _must_succeed(result: Any, function: Any, arguments: Any) -> Any:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())
    return result


def _prototype(library: ctypes.WinDLL, name: str, *types: Any) -> Callable[..., int]:
    function = library[name]
    function.argtypes = types
    function.restype = BOOL
    function.errcheck = _must_succeed
    return function


_set_property = _prototype(
    _crypt32, "CertSetCertificateContextProperty", c_void_p, DWORD, DWORD, c_void_p
)
_delete_certificate = _prototype(
    _crypt32, "CertDeleteCertificateFromStore", POINTER(CertContext)
)
_get_chain = _prototype(
    *(_crypt32, "CertGetCertificateChain", c_void_p, c_void_p, POINTER(FILETIME)),
    *(c_void_p, POINTER(_ChainPara), DWORD, c_void_p),
    POINTER(POINTER(ChainContext)),
)
_verify_policy = _prototype(
    *(_crypt32, "CertVerifyCertificateChainPolicy", c_size_t, POINTER(ChainContext)),
    *(POINTER(_PolicyPara), POINTER(_PolicyStatus)),
)
_acquire_context = _prototype(
    *(_advapi32, "CryptAcquireContextW", POINTER(c_size_t), c_wchar_p, c_wchar_p),
    *(DWORD, DWORD),
)
_release_context = _prototype(_advapi32, "CryptReleaseContext", c_size_t, DWORD)
_set_provider_parameter = _prototype(
    _advapi32, "CryptSetProvParam", c_size_t, DWORD, c_void_p, DWORD
)
# These two cannot fail.
_duplicate_certificate = _crypt32.CertDuplicateCertificateContext
_duplicate_certificate.argtypes = (c_void_p,)
_duplicate_certificate.restype = POINTER(CertContext)
_free_chain = _crypt32.CertFreeCertificateChain
_free_chain.argtypes = (POINTER(ChainContext),)
_free_chain.restype = None


def set_key_reference(certificate: int, reference: KeyProvInfo) -> None:
    """Tell a certificate (its HANDLE) where its private key lies."""
    _set_property(certificate, KEY_PROV_INFO, 0, byref(reference))


def delete_certificate(certificate: int) -> None:
    """Delete a certificate (its HANDLE) from its store; the handle stays good."""
    # Windows frees what it is given here, so it gets a reference of its own.
    _delete_certificate(_duplicate_certificate(certificate))


def set_container_security(
    container: str, provider: str, provider_type: int, flags: int, descriptor: bytes
) -> None:
    """Set who may use a key container.

    Args:
        container: its name.
        provider: of the cryptographic service provider.
        provider_type: of it.
        flags: for opening it.
        descriptor: a self-relative security descriptor; its DACL is taken.
    """
    handle = c_size_t()
    _acquire_context(byref(handle), container, provider, provider_type, flags)
    try:
        _set_provider_parameter(
            handle, _PP_KEYSET_SEC_DESCR, descriptor, DACL_SECURITY_INFORMATION
        )
    finally:
        _release_context(handle, 0)


@contextmanager
def certificate_chain(
    certificate: int, store: int, *, at: datetime
) -> Iterator[ChainContext]:
    """Build the chain of a server certificate as a service of this machine does.

    Args:
        certificate: the leaf's HANDLE.
        store: a store's HCERTSTORE with further certificates.
        at: the moment to judge, with a time zone.
    """
    usage = (LPCSTR * 1)(ExtendedKeyUsageOID.SERVER_AUTH.dotted_string.encode())
    wanted = _ChainPara(ctypes.sizeof(_ChainPara), _UsageMatch(0, 1, usage))
    found = POINTER(ChainContext)()
    _get_chain(
        *(_HCCE_LOCAL_MACHINE, certificate, byref(_filetime(at)), store),
        *(byref(wanted), _CACHE_ONLY, None, byref(found)),
    )
    try:
        yield found.contents
    finally:
        _free_chain(found)


def tls_policy_error(chain: ChainContext, server_name: str) -> int:
    """Return why a chain is not good for a TLS server of that name, or 0.

    A chain that is not complete may pass: look at its errors, too.
    """
    server = _SslPara(ctypes.sizeof(_SslPara), _AUTHTYPE_SERVER, 0, server_name or None)
    wanted = _PolicyPara(ctypes.sizeof(_PolicyPara), 0, ctypes.pointer(server))
    status = _PolicyStatus(ctypes.sizeof(_PolicyStatus))
    _verify_policy(_CERT_CHAIN_POLICY_SSL, byref(chain), byref(wanted), byref(status))
    return int(status.error)


def elements(chain: ChainContext) -> list[tuple[bytes, int]]:
    """Return each certificate of a chain in DER, the leaf first, and its errors."""
    simple = chain.chains[0].contents
    found = [simple.elements[n].contents for n in range(simple.length)]
    return [(_encoded(e.certificate.contents), int(e.errors)) for e in found]


def _encoded(certificate: CertContext) -> bytes:
    return ctypes.string_at(certificate.encoded, certificate.size)


def _filetime(at: datetime) -> FILETIME:
    since = at - datetime(1601, 1, 1, tzinfo=UTC)
    ticks = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
    return FILETIME(ticks & 0xFFFFFFFF, ticks >> 32)
