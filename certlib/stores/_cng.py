"""Private keys of Windows' newer interface: Cryptography API: Next Generation (CNG).

Not yet run on real Windows, and Wine 8 lacks what is needed here. A key lies
under a name in a key storage provider; RSA goes in and out as PKCS #8, EC as
ECCPRIVATEBLOB, which says that it is for signatures (bcrypt.h).
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_size_t, c_void_p, c_wchar_p
from ctypes.wintypes import DWORD, LONG
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certlib import keys
from certlib.keys import PrivateKey, PublicKey
from certlib.stores import _accounts, _crypt32

if TYPE_CHECKING:
    from _win32typing import PySECURITY_DESCRIPTOR

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

_PKCS8, _EC_BLOB = "PKCS8_PRIVATEKEY", "ECCPRIVATEBLOB"
_EXPORT_POLICY, _SECURITY, _GROUP = "Export Policy", "Security Descr", "Algorithm Group"
_ALLOW_EXPORT = 1 | 2  # NCRYPT_ALLOW_EXPORT_FLAG, and in plain text
_DO_NOT_FINALIZE, _OVERWRITE, _PERSIST = 0x400, 0x80, 0x80000000
_PAD_PKCS1 = 2
_KEY_NAME = 45  # NCRYPTBUFFER_PKCS_KEY_NAME
_MISSING = {-2146893802, -2146893807}  # NTE_BAD_KEYSET, NTE_NOT_FOUND
# BCRYPT_ECDSA_PRIVATE_*_MAGIC and what cryptography calls the curve.
_CURVES: dict[bytes, type[ec.EllipticCurve]] = {
    b"ECS2": ec.SECP256R1,
    b"ECS4": ec.SECP384R1,
    b"ECS6": ec.SECP521R1,
}

_ncrypt = ctypes.WinDLL("ncrypt")


class _Buffer(Structure):
    _fields_ = (("size", DWORD), ("type", DWORD), ("data", c_wchar_p))


class _BufferDesc(Structure):
    _fields_ = (("version", DWORD), ("count", DWORD), ("buffers", POINTER(_Buffer)))


class _PaddingInfo(Structure):
    _fields_ = (("algorithm", c_wchar_p),)


def _must_be_zero(result: Any, function: Any, arguments: Any) -> Any:
    if result:
        raise ctypes.WinError(result)
    return result


def _prototype(name: str, *types: Any) -> Callable[..., int]:
    function = _ncrypt[name]
    function.argtypes = types
    function.restype = LONG
    function.errcheck = _must_be_zero
    return function


_open_provider = _prototype(
    "NCryptOpenStorageProvider", POINTER(c_size_t), c_wchar_p, DWORD
)
_open_key = _prototype(
    "NCryptOpenKey", c_size_t, POINTER(c_size_t), c_wchar_p, DWORD, DWORD
)
_import_key = _prototype(
    *("NCryptImportKey", c_size_t, c_size_t, c_wchar_p, POINTER(_BufferDesc)),
    *(POINTER(c_size_t), c_void_p, DWORD, DWORD),
)
_export_key = _prototype(
    *("NCryptExportKey", c_size_t, c_size_t, c_wchar_p, c_void_p),
    *(c_void_p, DWORD, POINTER(DWORD), DWORD),
)
_get_property = _prototype(
    *("NCryptGetProperty", c_size_t, c_wchar_p, c_void_p, DWORD),
    *(POINTER(DWORD), DWORD),
)
_set_property = _prototype(
    "NCryptSetProperty", c_size_t, c_wchar_p, c_void_p, DWORD, DWORD
)
_finalize_key = _prototype("NCryptFinalizeKey", c_size_t, DWORD)
_sign_hash = _prototype(
    *("NCryptSignHash", c_size_t, c_void_p, c_void_p, DWORD),
    *(c_void_p, DWORD, POINTER(DWORD), DWORD),
)
_delete_key = _prototype("NCryptDeleteKey", c_size_t, DWORD)
_free_object = _prototype("NCryptFreeObject", c_size_t)


@dataclass(frozen=True)
class CngKey:
    """A private key in a key storage provider.

    Attributes:
        container: the key's name.
        provider: of the key storage provider.
        machine: it is the machine's, not the user's.
        key_spec: 0, or that of a CAPI key that is seen through CNG.
    """

    container: str
    provider: str
    machine: bool = True
    key_spec: int = 0

    def exists(self) -> bool:
        """Tell whether there is a key of that name."""
        try:
            with self._open():
                return True
        except OSError as error:
            if error.winerror in _MISSING:
                return False
            raise

    def create(self, key: PrivateKey, *, exportable: bool) -> None:
        """Store a key under this name."""
        kind, blob = _to_blob(key)
        name = _Buffer(2 * len(self.container) + 2, _KEY_NAME, self.container)
        parameters = _BufferDesc(0, 1, ctypes.pointer(name))
        handle = c_size_t()
        flags = self._flags | _DO_NOT_FINALIZE | _OVERWRITE
        with self._provider() as provider:
            _import_key(
                *(provider, 0, kind, byref(parameters), byref(handle)),
                *(blob, len(blob), flags),
            )
        with _freed(handle):
            policy = DWORD(_ALLOW_EXPORT if exportable else 0)
            _set_property(handle, _EXPORT_POLICY, byref(policy), 4, _PERSIST)
            _finalize_key(handle, _crypt32.SILENT)

    def delete(self) -> None:
        """Delete the key."""
        with self._provider() as provider:
            handle = c_size_t()
            _open_key(
                provider, byref(handle), self.container, self.key_spec, self._flags
            )
            try:
                _delete_key(handle, _crypt32.SILENT)  # frees the handle, too
            except OSError:
                _free_object(handle)
                raise

    def exportable(self) -> bool:
        """Tell whether the key may leave the machine."""
        with self._open() as key:
            policy = int.from_bytes(_property(key, _EXPORT_POLICY), "little")
        return bool(policy & _ALLOW_EXPORT)

    def export(self) -> PrivateKey:
        """Return the key itself."""
        with self._open() as key:
            group = _property(key, _GROUP).decode("utf-16-le").rstrip("\0")
            kind = _PKCS8 if group == "RSA" else _EC_BLOB
            blob = _sized(_export_key, key, 0, kind, None)
        return keys.read_private_key(blob) if kind == _PKCS8 else _from_blob(blob)

    def prove(self, public_key: PublicKey, text: bytes) -> None:
        """Sign with the key and check the signature with a public key.

        Raises:
            InvalidSignature: the two are not a pair.
        """
        digest = hashes.Hash(algorithm := hashes.SHA256())
        digest.update(text)
        value = digest.finalize()
        match public_key:
            case rsa.RSAPublicKey():
                info = _PaddingInfo("SHA256")
                signature = self._sign(byref(info), value, _PAD_PKCS1)
                public_key.verify(signature, text, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey():
                signature = self._sign(None, value, 0)
                half = len(signature) // 2
                r, s = (
                    int.from_bytes(n, "big")
                    for n in (signature[:half], signature[half:])
                )
                encoded = utils.encode_dss_signature(r, s)
                public_key.verify(encoded, text, ec.ECDSA(algorithm))
            case _:
                raise InvalidSignature

    def security(self) -> PySECURITY_DESCRIPTOR:
        """Return who may use the key."""
        with self._open() as key:
            data = _property(key, _SECURITY, _crypt32.DACL_SECURITY_INFORMATION)
        return _accounts.from_self_relative(data)

    def set_security(self, descriptor: PySECURITY_DESCRIPTOR) -> None:
        """Set who may use the key."""
        data = _accounts.self_relative(descriptor)
        flags = _crypt32.DACL_SECURITY_INFORMATION | _PERSIST
        with self._open() as key:
            _set_property(key, _SECURITY, data, len(data), flags)

    def _sign(self, padding_info: object, digest: bytes, flags: int) -> bytes:
        with self._open() as key:
            return _sized(
                *(_sign_hash, key, padding_info, digest, len(digest)),
                flags=flags | _crypt32.SILENT,
            )

    @property
    def _flags(self) -> int:
        return _crypt32.SILENT | (_crypt32.MACHINE_KEY if self.machine else 0)

    @contextmanager
    def _provider(self) -> Iterator[c_size_t]:
        handle = c_size_t()
        _open_provider(byref(handle), self.provider, 0)
        with _freed(handle):
            yield handle

    @contextmanager
    def _open(self) -> Iterator[c_size_t]:
        handle = c_size_t()
        with self._provider() as provider:
            _open_key(
                provider, byref(handle), self.container, self.key_spec, self._flags
            )
            with _freed(handle):
                yield handle


@contextmanager
def _freed(handle: c_size_t) -> Iterator[None]:
    try:
        yield
    finally:
        _free_object(handle)


def _property(key: c_size_t, name: str, flags: int = 0) -> bytes:
    return _sized(_get_property, key, name, flags=flags)


def _sized(function: Callable[..., int], *arguments: object, flags: int = 0) -> bytes:
    """Call a function that fills a buffer: first for its size, then for its content."""
    size = DWORD()
    function(*arguments, None, 0, byref(size), flags)
    data = ctypes.create_string_buffer(size.value)
    function(*arguments, data, size, byref(size), flags)
    return data.raw[: size.value]


def _to_blob(key: PrivateKey) -> tuple[str, bytes]:
    if isinstance(key, rsa.RSAPrivateKey):
        return _PKCS8, key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
    size = (key.curve.key_size + 7) // 8
    magic = next(m for m, curve in _CURVES.items() if isinstance(key.curve, curve))
    private = key.private_numbers()
    public = private.public_numbers
    numbers = (public.x, public.y, private.private_value)
    header = struct.pack("<4sI", magic, size)
    return _EC_BLOB, header + b"".join(n.to_bytes(size, "big") for n in numbers)


def _from_blob(blob: bytes) -> ec.EllipticCurvePrivateKey:
    magic, size = struct.unpack_from("<4sI", blob)
    start = 8 + 2 * size  # x and y come first
    value = int.from_bytes(blob[start : start + size], "big")
    return ec.derive_private_key(value, _CURVES[magic]())
