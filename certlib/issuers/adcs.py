r"""AD CS: the certification authority of a Windows domain, step by step.

Nothing here is run: it is the text for a person at the server. There are two
ways. `certreq_steps`: Windows makes key and request, and the key never leaves
the machine. `answer_steps`: certlib has made them (`requesting.prepare`), and
the answer is joined with the key afterwards (`requesting.join`).

Source of the syntax: Microsoft's documentation of ``certreq`` and of
enrolment over the web.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from certlib import files, names, powershell
from certlib.errors import InputError
from certlib.specs import CertificateSpec
from certlib.summaries import SERVER_AUTHENTICATION

WEB_SERVER = "WebServer"
"""Name of the template that every enterprise CA has for TLS servers."""


@dataclass(frozen=True)
class EnterpriseCA:
    r"""A certification authority in the domain.

    Attributes:
        config: where it is, as ``certutil`` shows it: ``host\name of the CA``.
        template: name of the template, not its display name.
        web_enrolment: the host of its page ``/certsrv``, if it has one.

    Raises:
        InputError: one of them cannot be what it should be.
    """

    config: str = r"ca.example.com\Example Issuing CA"
    template: str = WEB_SERVER
    web_enrolment: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r'[^\\"%\x00-\x1f]+\\[^\\"%\x00-\x1f]+', self.config):
            raise InputError(
                f"{self.config!r} does not say where a CA is",
                fix=r"write it as host\name of the CA, as `certutil` lists it",
            )
        if not re.fullmatch(r"[A-Za-z0-9_.() -]+", self.template):
            raise InputError(
                f"{self.template!r} is not the name of a template",
                fix="give its name (WebServer), not its display name (Web Server)",
            )
        if self.web_enrolment:
            names.server_name(self.web_enrolment)


EXAMPLE = EnterpriseCA()
"""What stands in commands until somebody says where the CA is."""


@dataclass(frozen=True)
class Command:
    """One thing to do.

    Attributes:
        command: the command, for an elevated PowerShell on the server.
        note: what it does, and what to look at.
    """

    command: str
    note: str


@dataclass(frozen=True)
class Trap:
    """Something that looks right and is not.

    Attributes:
        what: what people do.
        why: what comes of it.
        instead: what to do.
    """

    what: str
    why: str
    instead: str


TRAPS = (
    Trap(
        "Type the names into the field Attributes of the web page (san:dns=...)",
        "The CA takes them only with the flag EDITF_ATTRIBUTESUBJECTALTNAME2, which "
        "lets everybody who may enrol ask for any name, a domain administrator's too",
        "Put the names into the request, and use a template with 'Supply in the "
        "request'",
    ),
    Trap(
        "Leave HashAlgorithm out of the INF file",
        "certreq may sign the request with SHA-1, its documented default, which some "
        "CAs refuse; the hash of the certificate is the CA's choice",
        "Write HashAlgorithm = sha256",
    ),
    Trap(
        "Leave MachineKeySet out of the INF file",
        "Its default is FALSE: key and certificate go to the user who is logged on, "
        "where a Windows service cannot see them",
        "Write MachineKeySet = TRUE, and -machine with -new and -accept",
    ),
    Trap(
        "Run certreq -accept on another machine",
        "The key is where -new was run; elsewhere the certificate has none",
        "Run it on the same machine, or have certlib make the request",
    ),
    Trap(
        "Give the display name of the template ('Web Server')",
        "The CA answers that it does not know the template",
        "Give its name ('WebServer'), in the INF file or with -attrib, not in both",
    ),
    Trap(
        "Write KeySpec for a key storage provider",
        "It belongs to the older providers; newer keys have none",
        "Leave KeySpec out with 'Microsoft Software Key Storage Provider'",
    ),
    Trap(
        "Look for a template of version 3 (CNG) on the web page",
        "The page does not show it",
        "Use certreq",
    ),
)
"""Known traps on this way."""


def inf(spec: CertificateSpec, ca: EnterpriseCA = EXAMPLE) -> str:
    """Return the INF file from which ``certreq -new`` makes key and request.

    Raises:
        InputError: the friendly name has characters that the file cannot hold.
    """
    rsa, bits = spec.key_kind.is_rsa, spec.key_kind.bits
    *first, last = map(names.text_entry, spec.server_names)
    entries = [*(f"{entry}&" for entry in first), last]
    lines = [
        "[Version]",
        'Signature = "$Windows NT$"',
        "",
        "[NewRequest]",
        f'Subject = "CN={spec.common_name}"',
        *(
            [f'FriendlyName = "{_friendly(spec.friendly_name)}"']
            if spec.friendly_name
            else []
        ),
        f"KeyAlgorithm = {'RSA' if rsa else f'ECDSA_P{bits}'}",
        f"KeyLength = {bits}",
        f"KeyUsage = {'0xa0' if rsa else '0x80'}",
        f"HashAlgorithm = {spec.key_kind.digest}",
        'ProviderName = "Microsoft Software Key Storage Provider"',
        "MachineKeySet = TRUE",
        "Exportable = FALSE",
        "RequestType = PKCS10",
        "",
        "[Extensions]",
        '2.5.29.17 = "{text}"',
        *(f'_continue_ = "{entry}"' for entry in entries),
        f'2.5.29.37 = "{{text}}{SERVER_AUTHENTICATION}"',
        '2.5.29.19 = "{text}ca=0"',
        "",
        "[RequestAttributes]",
        f'CertificateTemplate = "{ca.template}"',
        "",
    ]
    return "\r\n".join(lines)


def write_inf(path: Path, spec: CertificateSpec, ca: EnterpriseCA = EXAMPLE) -> None:
    """Write the INF file as Windows reads it.

    Raises:
        InputError: the file exists already, or cannot be written.
    """
    text = inf(spec, ca)
    # Windows' set-up files are either in the code page of the machine or UTF-16.
    data = text.encode() if text.isascii() else text.encode("utf-16")
    files.write(path, data)


def certreq_steps(
    ca: EnterpriseCA = EXAMPLE, *, name: str = "request"
) -> tuple[Command, ...]:
    """Return the commands with which Windows makes the key and gets the answer.

    Args:
        ca: where the certification authority is.
        name: of the files, without an ending.
    """
    config = powershell.quote(ca.config)
    inf_, req, cer = (powershell.quote(f"{name}.{end}") for end in _ENDINGS)
    return (
        Command(
            f"certreq -new -machine {inf_} {req}",
            "Makes the private key on this machine, and the request.",
        ),
        Command(
            f"certutil -dump {req}",
            "Shows the request: look at Subject and Subject Alternative Name before "
            "it is sent.",
        ),
        Command(
            f"certreq -submit -config {config} {req} {cer}",
            "Sends it, and shows the RequestId. If it is pending, somebody at the CA "
            "has to approve it.",
        ),
        _retrieve(config, cer),
        Command(
            f"certreq -accept -machine {cer}",
            "Joins the answer with the key, in Local Machine > Personal. On the same "
            "machine as -new.",
        ),
    )


def answer_steps(
    ca: EnterpriseCA = EXAMPLE, *, request: str = "request.csr"
) -> tuple[Command, ...]:
    """Return the commands that get an answer to a request that certlib has made.

    Args:
        ca: where the certification authority is.
        request: the file of the request.
    """
    config, cer = powershell.quote(ca.config), powershell.quote("request.cer")
    template = powershell.quote(f"CertificateTemplate:{ca.template}")
    return (
        Command(
            f"certreq -submit -config {config} -attrib {template} "
            f"{powershell.quote(request)} {cer}",
            "Sends the request with the name of the template, and shows the RequestId.",
        ),
        _retrieve(config, cer),
    )


def web_enrolment_steps(ca: EnterpriseCA = EXAMPLE) -> tuple[str, ...]:
    """Return what to do on the CA's web page with a request that is made."""
    host = ca.web_enrolment or ca.config.partition("\\")[0]
    return (
        f"Open https://{host}/certsrv",
        (
            "Request a certificate > advanced certificate request > Submit a "
            "certificate request by using a base-64-encoded file"
        ),
        "Paste the request, from -----BEGIN CERTIFICATE REQUEST----- to its END",
        (
            f"Certificate Template: {ca.template}. Leave Additional Attributes empty: "
            "the names are in the request"
        ),
        (
            "Submit. 'Certificate Pending' shows a Request Id: come back later and "
            "choose View the status of a pending certificate request"
        ),
        "Base 64 encoded > Download certificate chain (.p7b), it has leaf and chain",
    )


def mmc_steps(spec: CertificateSpec) -> tuple[str, ...]:
    """Return what to do in the certificate manager to make a request."""
    san = ", ".join(map(names.text_entry, spec.server_names))
    usage = "Digital signature"
    if spec.key_kind.is_rsa:
        usage += ", Key encipherment"
    return (
        (
            "certlm.msc > Personal > All Tasks > Advanced Operations > Create Custom "
            "Request"
        ),
        "Proceed without enrollment policy > (No template) CNG key > PKCS #10",
        (
            f"Details > Properties > Subject: Common name {spec.common_name}; "
            f"Alternative name {san}"
        ),
        (f"Extensions: Key usage {usage}; Extended Key Usage Server Authentication"),
        f"Private Key: {spec.key_kind}; Hash Algorithm {spec.key_kind.digest}",
        (
            "Finish with Base 64. When the answer is there: Personal > All Tasks > "
            "Import, on the same machine"
        ),
    )


_ENDINGS = ("inf", "req", "cer")


def _retrieve(config: str, cer: str) -> Command:
    return Command(
        f"certreq -retrieve -config {config} '<RequestId>' {cer}",
        "Only if it had to be approved: fetches the answer once it has been.",
    )


def _friendly(name: str) -> str:
    if re.search(r'["%\x00-\x1f\x7f\u2028\u2029]', name):
        raise InputError(
            f"the friendly name {name!r} has a character that an INF file cannot hold",
            fix="leave out quotation marks, per cent signs and line breaks",
        )
    return name
