"""Sealed: a part of a PFX file that is encrypted as a whole, opened by itself.

The library gives the first key of a part; there may be more. Only the scheme of
today (PBES2) is opened here, with the library's primitives.
"""

from __future__ import annotations

from asn1crypto import cms, pkcs12
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from certlib.parsers import attempt


def opened(part: cms.ContentInfo, secret: bytes | None) -> pkcs12.SafeContents | None:
    """Return what is in a part, or None if it cannot be opened here.

    Args:
        part: of the kind encrypted data (RFC 7292 section 4).
        secret: the passphrase as the library takes it.
    """
    with attempt():
        content = part["content"]["encrypted_content_info"]
        algorithm = content["content_encryption_algorithm"]
        if algorithm.kdf != "pbkdf2" or algorithm.encryption_cipher != "aes":
            return None
        digest: hashes.HashAlgorithm = getattr(hashes, algorithm.kdf_hmac.upper())()
        rounds, salt = algorithm.kdf_iterations, algorithm.kdf_salt
        derived = PBKDF2HMAC(digest, algorithm.key_length, salt, rounds)
        mode = modes.CBC(algorithm.encryption_iv)
        cipher = Cipher(algorithms.AES(derived.derive(secret or b"")), mode).decryptor()
        padded = cipher.update(content["encrypted_content"].native) + cipher.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        return pkcs12.SafeContents.load(plain)
    return None
