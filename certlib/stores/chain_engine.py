"""Trust as Windows sees it: the chain, and whether it is good for a TLS server.

Two answers count. The chain's own trust status says what is wrong with each
certificate; the TLS policy says what a client would. For a chain that is not
complete the policy alone can say yes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime

from certlib import clock
from certlib.bundles import Bundle, formats
from certlib.errors import StoreError

NOT_IN_DATE = "This certificate has expired or is not yet valid."
ISSUER_MISSING = "The issuer of this certificate could not be found."

STATUS = {
    0x1: NOT_IN_DATE,
    0x4: "This certificate was revoked by its issuer.",
    0x8: "The signature of this certificate is wrong: it was changed, or its issuer's "
    "name belongs to another key.",
    0x10: "This certificate is not meant for server authentication.",
    0x20: "This root is not trusted because it is not in the Trusted Root "
    "Certification Authorities store.",
    0x40: "Whether this certificate was revoked is not known.",
    0x80: "The certificates issued each other in a circle.",
    0x100: "An extension of this certificate cannot be read.",
    0x200: "A policy of the issuer does not allow this certificate.",
    0x400: "Its issuer is not a certification authority (basic constraints).",
    0x800: "A name in this certificate is not one that its issuer may certify.",
    0x10000: ISSUER_MISSING,
    0x100000: "This certificate has a weak signature or key.",
    0x1000000: "Whether this certificate was revoked could not be looked up.",
    0x4000000: "This certificate is in the Untrusted Certificates store.",
    0x8000000: "This certificate has a critical extension that Windows does not know.",
}
"""CERT_TRUST_* of wincrypt.h in plain words."""

POLICY = {
    0x800B0101: "A certificate of the chain has expired or is not yet valid.",
    0x800B0109: "The chain ends in a root that is not trusted.",
    0x800B010A: "The chain does not lead to a trusted root.",
    0x800B010C: "A certificate of the chain was revoked.",
    0x800B010F: "The certificate does not name the server {server_name}.",
    0x800B0110: "The certificate is not meant for server authentication.",
    0x800B0111: "A certificate of the chain is explicitly distrusted.",
    0x80096004: "The signature of a certificate is wrong.",
}
"""What the TLS policy says, in plain words."""

_PARTIAL_CHAIN = 0x10000

RULES = {
    0x1: ("expired", "issuer-expired"),
    0x4: ("revoked", "revoked"),
    0x8: ("signature-broken", "signature-broken"),
    0x10: ("not-for-server-authentication", "issuer-may-not-issue"),
    0x20: ("root-unknown", "root-unknown"),
    0x40: ("revocation-not-checked", "revocation-not-checked"),
    0x80: ("root-unknown", "root-unknown"),
    0x100: ("cannot-be-read", "path-not-judged"),
    0x400: ("issuer-may-not-issue", "issuer-may-not-issue"),
    0x800: ("name-not-permitted", "name-not-permitted"),
    0x10000: ("chain-incomplete", "chain-incomplete"),
    0x100000: ("refused-by-clients", "issuer-weak"),
    0x1000000: ("revocation-not-checked", "revocation-not-checked"),
    0x8000000: ("unknown-critical-extension", "issuer-extension-refused"),
}
"""The rules that say the same as a bit: of a leaf, and of its issuers."""


@dataclass(frozen=True)
class ChainStatus:
    """What Windows says of a chain.

    Attributes:
        bundle: the leaf, with the chain that Windows found.
        statuses: what is wrong with each of its certificates, the leaf first;
            an empty text where nothing is.
        policy: what is wrong with it for a client of the server, or empty.
        rules: the rules that say the same as the statuses, by id.
    """

    bundle: Bundle
    statuses: tuple[str, ...]
    policy: str
    rules: tuple[str, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether chain and policy are both good."""
        return not self.reasons

    @property
    def in_viewer(self) -> tuple[str, ...]:
        """The statuses for the viewer; what only a client says is the leaf's."""
        leaf, *issuers = self.statuses
        return (leaf if any(self.statuses) else self.policy, *issuers)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that is wrong, each reason once."""
        return tuple(dict.fromkeys(filter(None, (*self.statuses, self.policy))))

    def otherwise(self, *, good: bool) -> str:
        """Return what Windows says if that is not what was found; else nothing.

        Args:
            good: whether the certificate was found to be good.
        """
        if self.trusted is good:
            return ""
        if self.trusted:
            return "Windows says otherwise: nothing is wrong with it"
        same = f" ({', '.join(self.rules)})" if self.rules else ""
        return f"Windows says otherwise: {' '.join(self.reasons)}{same}"


def chain_status(bundle: Bundle, server_name: str = "", *, at: datetime) -> ChainStatus:
    """Return what Windows says of a certificate as a TLS server's.

    Asked is the machine's own chain engine, as a service of this machine would.
    It sees the machine's stores and the chain of the bundle. Nothing is fetched, and
    whether something was revoked is not asked, as that needs the network.

    Args:
        bundle: the certificate, and others that came with it.
        server_name: what clients call the server; without it only the chain
            and its purpose are judged.
        at: the moment to judge, with a time zone.

    Raises:
        InputError: `at` has no time zone.
        StoreError: this is not Windows, or it could not build a chain at all.
        EncodingError: a certificate of the chain cannot be read.
    """
    return _ask_windows(bundle, server_name, clock.moment(at))


def rules_of(errors: list[int]) -> tuple[str, ...]:
    """Return the rules that say the same as trust statuses, the leaf's first."""
    found = [
        same[depth > 0]
        for depth, bits in enumerate(errors)
        for bit, same in RULES.items()
        if bits & bit
    ]
    return tuple(dict.fromkeys(found))


def in_plain_words(errors: int) -> str:
    """Return what the bits of a trust status say, or an empty text."""
    known = [text for bit, text in STATUS.items() if errors & bit]
    rest = errors & ~sum(STATUS)
    return " ".join(known + ([f"Trust status 0x{rest:08X}."] if rest else []))


def policy_in_plain_words(error: int, server_name: str) -> str:
    """Return what a code of the TLS policy says, or an empty text for 0."""
    if not error:
        return ""
    text = POLICY.get(error, f"The TLS policy refused the chain: 0x{error:08X}.")
    return text.format(server_name=server_name)


if sys.platform == "win32":

    def _ask_windows(bundle: Bundle, server_name: str, at: datetime) -> ChainStatus:
        import win32crypt
        import win32cryptcon

        from certlib.stores import _crypt32

        store = win32crypt.CertOpenStore(
            win32cryptcon.CERT_STORE_PROV_MEMORY, 0, None, 0, None
        )
        assert store is not None  # noqa: S101 - only said for the type
        leaf, *_ = [
            store.CertAddEncodedCertificateToStore(
                win32cryptcon.X509_ASN_ENCODING,
                Bundle(certificate).to_der(),
                win32cryptcon.CERT_STORE_ADD_ALWAYS,
            )
            for certificate in bundle.certificates
        ]
        try:
            with _crypt32.certificate_chain(
                leaf.HANDLE, store.HCERTSTORE, at=at
            ) as found:
                policy = _crypt32.tls_policy_error(found, server_name)
                chain, elements = found.errors, _crypt32.elements(found)
        except OSError as error:
            raise StoreError(
                f"Windows could not build a chain for {bundle.subject}",
                fix="look at the certificate with 3-inspecting",
                code=error.winerror,
            ) from None
        path = [
            formats.read_der(der, origin="the chain that Windows found")
            for der, _ in elements
        ]
        errors = [errors for _, errors in elements]
        errors[-1] |= chain & _PARTIAL_CHAIN  # which Windows says of the whole
        return ChainStatus(
            Bundle(path[0], bundle.private_key, tuple(path[1:]), bundle.friendly_name),
            tuple(map(in_plain_words, errors)),
            policy_in_plain_words(policy, server_name),
            rules_of(errors),
        )

else:

    def _ask_windows(bundle: Bundle, server_name: str, at: datetime) -> ChainStatus:
        raise StoreError(
            "only Windows can say what Windows thinks of a chain",
            fix="look at it with 3-inspecting, which judges by itself",
        )
