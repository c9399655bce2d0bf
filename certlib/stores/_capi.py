"""Private keys of Windows' older interface, the CryptoAPI (CAPI).

A key lies in a named container of a cryptographic service provider. pywin32
releases a provider's handle when the object goes, and once more when it was
released by hand: so none is released by hand here.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pywintypes
import win32crypt
import win32cryptcon
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from certlib.errors import StoreError
from certlib.keys import PrivateKey, PublicKey
from certlib.stores import _accounts, _crypt32

if TYPE_CHECKING:
    from _win32typing import PyCRYPTPROV, PySECURITY_DESCRIPTOR

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

PROV_RSA_AES = 24
_NO_CONTAINER = -2146893802  # NTE_BAD_KEYSET
_NO_KEY = -2146893811  # NTE_NO_KEY
_PP_KEYSET_SEC_DESCR = 8
_KP_PERMISSIONS = 6
_MAY_EXPORT = 4  # CRYPT_EXPORT
_PRIVATE_KEY_BLOB, _BLOB_VERSION, _RSA_WITH_PRIVATE = 7, 2, b"RSA2"


@dataclass(frozen=True)
class CapiKey:
    """A private key in a container of a cryptographic service provider.

    Attributes:
        container: its name.
        provider: of the provider.
        provider_type: of it.
        machine: it is the machine's, not the user's.
        key_spec: 1 for AT_KEYEXCHANGE, 2 for AT_SIGNATURE.
    """

    container: str
    provider: str
    provider_type: int = PROV_RSA_AES
    machine: bool = True
    key_spec: int = win32cryptcon.AT_KEYEXCHANGE

    def exists(self) -> bool:
        """Tell whether there is a key in the container."""
        try:
            self._open().CryptGetUserKey(self.key_spec)
        except pywintypes.error as error:
            if error.winerror in (_NO_CONTAINER, _NO_KEY):
                return False
            raise
        return True

    def create(self, key: PrivateKey, *, exportable: bool) -> None:
        """Put a key into the container, which is made for it.

        A container without a key, left by an import that was cut off, is used.

        Raises:
            StoreError: the key has an unusual length or exponent.
        """
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("CAPI knows RSA keys only")
        blob = _to_blob(key)
        try:
            provider = self._open(win32cryptcon.CRYPT_NEWKEYSET)
        except pywintypes.error as error:
            if error.winerror != _crypt32.NTE_EXISTS:
                raise
            provider = self._open()
        flags = win32cryptcon.CRYPT_EXPORTABLE if exportable else 0
        provider.CryptImportKey(blob, None, flags)

    def delete(self) -> None:
        """Delete the container with its key."""
        win32crypt.CryptAcquireContext(
            *(self.container, self.provider, self.provider_type),
            self._flags | win32cryptcon.CRYPT_DELETEKEYSET,
        )

    def exportable(self) -> bool:
        """Tell whether the key may leave the machine."""
        key = self._open().CryptGetUserKey(self.key_spec)
        return bool(key.CryptGetKeyParam(_KP_PERMISSIONS) & _MAY_EXPORT)

    def export(self) -> PrivateKey:
        """Return the key itself."""
        key = self._open().CryptGetUserKey(self.key_spec)
        return _from_blob(
            key.CryptExportKey(None, win32cryptcon.PRIVATEKEYBLOB)  # type: ignore[arg-type]
        )

    def prove(self, public_key: PublicKey, text: bytes) -> None:
        """Sign with the key and check the signature with a public key.

        Raises:
            InvalidSignature: the two are not a pair.
        """
        algorithm: hashes.HashAlgorithm = hashes.SHA256()
        identifier = win32cryptcon.CALG_SHA_256
        if self.provider_type != PROV_RSA_AES:  # the older ones know no SHA-2
            algorithm = hashes.SHA1()  # noqa: S303
            identifier = win32cryptcon.CALG_SHA1
        provider = self._open()  # a name keeps it open; the digest does not
        digest = provider.CryptCreateHash(identifier)
        digest.CryptHashData(text)  # type: ignore[arg-type]
        signature = bytes(digest.CryptSignHash(self.key_spec))[::-1]  # type: ignore[arg-type]
        if isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(signature, text, padding.PKCS1v15(), algorithm)
        else:
            raise InvalidSignature

    def security(self) -> PySECURITY_DESCRIPTOR:
        """Return who may use the key."""
        descriptor: PySECURITY_DESCRIPTOR = self._open().CryptGetProvParam(  # type: ignore[func-returns-value, assignment]
            _PP_KEYSET_SEC_DESCR, _crypt32.DACL_SECURITY_INFORMATION
        )
        return descriptor

    def set_security(self, descriptor: PySECURITY_DESCRIPTOR) -> None:
        """Set who may use the key."""
        _crypt32.set_container_security(
            *(self.container, self.provider, self.provider_type, self._flags),
            _accounts.self_relative(descriptor),
        )

    @property
    def _flags(self) -> int:
        return _crypt32.SILENT | (_crypt32.MACHINE_KEY if self.machine else 0)

    def _open(self, flags: int = 0) -> PyCRYPTPROV:
        provider = win32crypt.CryptAcquireContext(
            self.container, self.provider, self.provider_type, self._flags | flags
        )
        if provider is None:  # only when a container is deleted
            raise OSError("no provider")
        return provider


def _to_blob(key: rsa.RSAPrivateKey) -> bytes:
    try:
        return _packed(key)
    except (OverflowError, struct.error):
        raise StoreError(
            f"CAPI cannot keep an RSA key of {key.key_size} bits with these numbers",
            fix="ask for a certificate with a key of 2048, 3072 or 4096 bits",
        ) from None


def _packed(key: rsa.RSAPrivateKey) -> bytes:
    """Return a PRIVATEKEYBLOB (wincrypt.h: BLOBHEADER, RSAPUBKEY, numbers)."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    size = key.key_size // 8
    parts = [(public.n, size)]
    parts += [(n, size // 2) for n in (numbers.p, numbers.q)]
    parts += [(n, size // 2) for n in (numbers.dmp1, numbers.dmq1, numbers.iqmp)]
    parts += [(numbers.d, size)]
    algorithm = win32cryptcon.CALG_RSA_KEYX
    header = struct.pack(
        *("<BBHI4sII", _PRIVATE_KEY_BLOB, _BLOB_VERSION, 0, algorithm),
        *(_RSA_WITH_PRIVATE, key.key_size, public.e),
    )
    return header + b"".join(n.to_bytes(length, "little") for n, length in parts)


def _from_blob(blob: bytes) -> rsa.RSAPrivateKey:
    *_, magic, bits, e = struct.unpack_from("<BBHI4sII", blob)
    if magic != _RSA_WITH_PRIVATE:
        raise ValueError("not a private RSA key")
    size, position, numbers = bits // 8, 20, []
    for length in (size, *[size // 2] * 5, size):
        numbers.append(int.from_bytes(blob[position : position + length], "little"))
        position += length
    n, p, q, dmp1, dmq1, iqmp, d = numbers
    public = rsa.RSAPublicNumbers(e, n)
    return rsa.RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, public).private_key()
