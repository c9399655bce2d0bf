"""Tasks for inspecting: what a certificate says, and what it does not."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import bundles, clock, creating, files, inspecting, keys, names, summaries
from certlib.errors import CertlibError
from certlib.practice.exercises import (
    Exercise,
    Fill,
    Tick,
    filled,
    fitting,
    task,
    ticked,
)
from certlib.practice.material import DAY, Material
from certlib.specs import CertificateSpec


@task()
def certificates_for_the_server(material: Material) -> Exercise:
    """Which certificate names the server."""
    host = material.host()
    word, _, domain = host.partition(".")
    offers = {
        "A": ((host,), host),
        "B": ((), host),
        "C": ((f"{word}.{domain.replace('com', 'org')}",), host),
        "D": ((host, f"{material.word()}.{domain}"), host),
        "E": ((f"*.{domain}",), f"*.{domain}"),
        "F": ((host,), material.host()),
        "G": ((f"*.{host}",), f"*.{host}"),
    }
    given, why_not = [("Certificate", "CN", "SAN")], {}
    for label, (dns, common_name) in offers.items():
        leaf = material.leaf(*dns, common_name=common_name).leaf
        summary = summaries.of_certificate(leaf)
        found = inspecting.check_names(summary, host, at=material.at)
        why_not[label] = found[0].said if found else ""
        given.append((label, common_name, ", ".join(summary.dns_names) or "(none)"))
    right = fitting(why_not)
    return Exercise(
        f"Seven certificates, one server: {host}. Which of them fulfil what the "
        "documents ask for, in SAN and CN? Tick them.",
        Tick(tuple(offers)),
        ticked(why_not),
        right=right,
        wrong=(frozenset("AB"), frozenset("A"), right | {"G"}, right | {"F"}),
        hints=(
            "Without a Subject Alternative Name no browser takes it.",
            "A star stands for one part of a name: *.example.com covers a.example.com.",
            "The common name counts, too.",
        ),
        solution=f"{', '.join(sorted(right))}: in the others SAN or CN do not name the "
        "server.",
        given=tuple(given),
    )


@task(minutes=2)
def what_a_wildcard_covers(material: Material) -> Exercise:
    """What a wildcard covers."""
    domain = f"{material.word()}.example.com"
    wildcard = f"*.{domain}"
    a, b = material.word(), material.word()
    options = material.shuffled(
        f"{a}.{domain}",
        f"{b}.{domain}",
        domain,
        f"{a}.{b}.{domain}",
        f"{a}.example.com",
        f"{a}{domain}",
    )
    why_not = {
        name: ""
        if names.matches(wildcard, name)
        else f"the star of {wildcard} stands for exactly one part, at the front."
        for name in options
    }
    right = fitting(why_not)
    return Exercise(
        f"A certificate is for {wildcard} alone. For which servers is it good? Tick "
        "them.",
        Tick(options),
        ticked(why_not),
        right=right,
        wrong=(right | {domain}, right | {f"{a}.{b}.{domain}"}, frozenset(options)),
        hints=(
            "Count the parts: the star is one of them.",
            f"{domain} itself has no part in front.",
        ),
        solution=f"{' and '.join(sorted(right))}.",
    )


@task(minutes=4)
def read_a_certificate_file(material: Material) -> Exercise:
    """Read what a file says."""
    host = material.host()
    bundle = material.leaf(
        host,
        age=material.random.randrange(20, 60) * DAY,
        validity=material.random.randrange(90, 300) * DAY,
    )
    path = material.folder / "server.cer"
    files.write(path, bundle.leaf.public_bytes(Encoding.DER), replace=True)
    end = clock.day(bundle.leaf.not_valid_after_utc)
    facts = {
        "Common name": host,
        "Last day (YYYY-MM-DD)": end,
        "First 8 digits of the thumbprint": bundle.thumbprint[:8],
    }

    def check(answer: dict[str, str]) -> str:
        for label, fact in facts.items():
            said = "".join(answer[label].split()).strip().casefold()
            if label.startswith("First"):
                said = said.replace(":", "")[:8]
            if said.removeprefix("cn=") != fact.casefold():
                return f"{label}: the file does not say {answer[label] or 'nothing'!r}."
        return ""

    def but(label: str, text: str) -> dict[str, str]:
        return facts | {label: text}

    first, last, thumbprint = facts
    return Exercise(
        f"Open the file {path} with the form of this notebook, or with the viewer. "
        "What does it say?",
        Fill(dict.fromkeys(facts, ())),
        check,
        right=facts,
        wrong=(
            but(first, "server.example.com"),
            but(last, clock.day(bundle.leaf.not_valid_before_utc)),
            but(thumbprint, f"{bundle.leaf.serial_number:X}"[:8]),
        ),
        hints=(
            "Tab Details: Subject, Valid to, Thumbprint.",
            "The thumbprint is the last field of the list.",
        ),
        solution="; ".join(f"{label}: {fact}" for label, fact in facts.items()),
    )


@task()
def key_that_belongs(material: Material) -> Exercise:
    """Which key belongs to the certificate."""
    host = material.host()
    own, old = material.key(), material.key()
    leaf = material.leaf(host, key=own).leaf
    found = {
        "key-1.pem": old,
        "key-2.pem": material.key(),
        "key-3.pem": own,
        "key-4.pem": material.key(),
    }
    names_ = material.shuffled(*found)
    found = dict(zip(names_, found.values(), strict=True))
    right = next(name for name, key in found.items() if key is own)
    given = [("File", "Public key of it (SHA-256, first digits)")]
    for name in sorted(found):
        digest = summaries.of_private_key(found[name]).key_sha256
        given.append((name, digest[:16]))
    mine = summaries.of_certificate(leaf).key_sha256

    def why_not(key: keys.PrivateKey) -> str:
        try:
            bundles.assemble((leaf,), key, friendly_name="", origin="the pair")
        except CertlibError as error:
            return f"{error.message}."
        return ""

    reasons = {name: why_not(found[name]) for name in sorted(found)}
    return Exercise(
        f"The certificate for {host} came back; its public key begins with "
        f"{mine[:16]}. Four key files lie around. Which can go into the PFX file with "
        "it? Tick.",
        Tick(tuple(sorted(found))),
        ticked(reasons),
        right=frozenset({right}),
        wrong=tuple(frozenset({name}) for name in sorted(found) if name != right),
        hints=(
            "Certificate and private key share one public key.",
            "Compare the digits of the public keys.",
        ),
        solution=f"{right}: its public key is the one in the certificate.",
        given=tuple(given),
    )


@task()
def kinds_of_files(material: Material) -> Exercise:
    """What is in the file?"""
    ca = material.authority("Practice CA")
    host = material.host()
    kinds = {
        "a server's certificate": material.leaf(host, issuer=ca).leaf,
        "a certificate for clients": material.leaf(
            host, issuer=ca, usage=ExtendedKeyUsageOID.CLIENT_AUTH
        ).leaf,
        "a certification authority's certificate": ca.certificate,
        "a self-signed server certificate": creating.create(
            CertificateSpec((host,)),
            at=material.at,
            private_key=material.key(),
            serial_number=1,
        ).leaf,
    }
    order = material.shuffled(*kinds)
    labels = {f"file {n}": kind for n, kind in enumerate(order, start=1)}
    given = [("File", "Issued to", "Issued by", "CA", "Purposes")]
    for label, kind in labels.items():
        summary = summaries.of_certificate(kinds[kind])
        usage = kinds[kind].extensions
        try:
            oids = usage.get_extension_for_class(x509.ExtendedKeyUsage).value
            purposes = ", ".join(_PURPOSES[oid] for oid in oids)
        except x509.ExtensionNotFound:
            purposes = "(all)"
        ca_text = "yes" if summary.is_ca else "no"
        given.append((label, summary.subject, summary.issuer, ca_text, purposes))

    right = dict(labels)
    return Exercise(
        "Four files, four kinds. Which is which?",
        Fill(dict.fromkeys(labels, tuple(sorted(kinds)))),
        filled(labels, lambda label, kind: f"{label} is not {kind}."),
        right=right,
        wrong=tuple(dict.fromkeys(labels, kind) for kind in sorted(kinds)[:3]),
        hints=(
            "Who is issuer of itself, and no CA, is self-signed.",
            "Extended Key Usage says what it is for.",
        ),
        solution="; ".join(f"{label}: {kind}" for label, kind in labels.items()),
        given=tuple(given),
    )


_PURPOSES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "Server Authentication",
    ExtendedKeyUsageOID.CLIENT_AUTH: "Client Authentication",
}


@task(minutes=2)
def good_at_that_second(material: Material) -> Exercise:
    """Is it valid at that second?"""
    second = DAY / 86400
    host = material.host()
    leaf = material.leaf(host, validity=90 * DAY).leaf
    begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    moments = {
        f"{clock.second(moment)}": moment
        for moment in (begin - second, begin, end, end + second, end + DAY)
    }

    def why_not(moment: object) -> str:
        found = inspecting.view(leaf, at=moment).path[-1]  # type: ignore[arg-type]
        late, early = moment > end, moment < begin  # type: ignore[operator]
        if late:
            return f"it ended at {clock.second(end)}. {found.status}"
        return f"it begins at {clock.second(begin)}." if early else ""

    why = {text: why_not(moment) for text, moment in moments.items()}
    right = fitting(why)
    texts = list(moments)
    return Exercise(
        f"A certificate for {host} says: valid from {clock.second(begin)} to "
        f"{clock.second(end)}. At which of these moments is it valid? Tick them.",
        Tick(material.shuffled(*moments)),
        ticked(why),
        right=right,
        wrong=(right | {texts[0]}, right | {texts[3]}, frozenset({texts[1]})),
        hints=("Both ends belong to the validity.", "RFC 5280, section 4.1.2.5."),
        solution=" and ".join(sorted(right)) + ": both ends count.",
    )
