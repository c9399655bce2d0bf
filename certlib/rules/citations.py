"""Citations: the documents that requirements come from."""

from __future__ import annotations

from typing import TypedDict


class Citation(TypedDict):
    """Document and section, and where to read it."""

    source: str
    url: str


def rfc_5280(section: str) -> Citation:
    """Internet X.509 Public Key Infrastructure Certificate and CRL Profile."""
    return rfc(5280, section)


def rfc(number: int, section: str) -> Citation:
    """Any other document of the IETF."""
    kind = "appendix" if section[0].isalpha() else "section"
    return {
        "source": f"RFC {number}, {kind} {section}",
        "url": f"https://www.rfc-editor.org/rfc/rfc{number}#{kind}-{section}",
    }


def baseline(section: str) -> Citation:
    """What public certification authorities have promised the browsers."""
    return {
        "source": f"CA/Browser Forum TLS Baseline Requirements 2.2.6, {section}",
        "url": "https://github.com/cabforum/servercert/blob/main/docs/BR.md",
    }


def install_page(product: str = "xtract-universal") -> Citation:
    """The documented steps for the products' certificates."""
    return {
        "source": "Theobald Software: Install an X.509 certificate",
        "url": f"https://helpcenter.theobald-software.com/{product}/documentation/"
        "access-restrictions/install-x.509-certificate/",
    }


INSTALL = install_page()

SERVICE_IDENTITY = rfc(9525, "6.3")
"""How clients compare the names in a certificate with the server's."""

SERVICE_ACCOUNT: Citation = {
    "source": "Theobald Software: Run the service under a Windows service account",
    "url": "https://helpcenter.theobald-software.com/board-connector/documentation/"
    "server/service-account/",
}

WINDOWS_KEYS: Citation = {
    "source": "Microsoft: BCryptGenerateKeyPair, which keys Windows knows",
    "url": "https://learn.microsoft.com/en-us/windows/win32/api/bcrypt/"
    "nf-bcrypt-bcryptgeneratekeypair",
}

YUNIO_SETTINGS: Citation = {
    "source": "Theobald Software: yunIO, Server Settings",
    "url": "https://helpcenter.theobald-software.com/yunio/documentation/"
    "server-settings/",
}

APPLE: Citation = {
    "source": "Apple: Requirements for trusted certificates in iOS 13 and macOS 10.15",
    "url": "https://support.apple.com/103769",
}

CHROME_ROOTS: Citation = {
    "source": "Chrome Root Program Policy 1.8, section 1.3.2",
    "url": "https://googlechrome.github.io/chromerootprogram/",
}

CHROME_TRANSPARENCY: Citation = {
    "source": "Chrome Certificate Transparency Policy",
    "url": "https://googlechrome.github.io/CertificateTransparency/ct_policy.html",
}

CHROME_CN: Citation = {
    "source": "Chrome Enterprise: certificates without SubjectAlternativeName",
    "url": "https://support.google.com/chrome/a/answer/7391219",
}

MICROSOFT_STORES: Citation = {
    "source": "Microsoft: Local Machine and Current User Certificate Stores",
    "url": "https://learn.microsoft.com/en-us/windows-hardware/drivers/install/"
    "certificate-stores",
}

_AUDITING = "https://github.com/certlib/certlib-notebooks/blob/main/docs/auditing.md"

AUDITED: Citation = {
    "source": "certlib's documentation: what can be audited",
    "url": _AUDITING,
}

OWN_MEASUREMENT: Citation = {
    "source": "certlib's documentation: what clients say to each defect",
    "url": _AUDITING,
}
