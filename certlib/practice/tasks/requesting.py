"""Tasks for requesting: what travels to the authority, and what comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certlib import (
    clock,
    files,
    inspecting,
    products,
    requesting,
    signing,
    specs,
    summaries,
)
from certlib.bundles import Bundle
from certlib.errors import CertlibError
from certlib.issuers import public_names
from certlib.practice.exercises import (
    Exercise,
    Fill,
    Tick,
    Write,
    filled,
    fitting,
    same,
    task,
    ticked,
)
from certlib.practice.material import DAY, Material
from certlib.products import PRODUCTS, Approach, Environment, Reachability
from certlib.rules import Context
from certlib.specs import CertificateSpec


def _request(
    material: Material, common_name: str, names: tuple[str, ...]
) -> x509.CertificateSigningRequest:
    private = material.key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    spec = CertificateSpec(names or (common_name,))
    for extension, critical in specs.extensions(spec, private.public_key()):
        if names or not isinstance(extension, x509.SubjectAlternativeName):
            builder = builder.add_extension(extension, critical=critical)
    return signing.sign_request(builder, private)


@task()
def requests_to_send(material: Material) -> Exercise:
    """Which signing request is right."""
    host = material.host()
    short, typo = host.partition(".")[0], host.replace("example", "exmaple")
    made = {
        "A": _request(material, host, (host,)),
        "B": _request(material, host, ()),
        "C": _request(material, host, (typo,)),
        "D": _request(material, short, (host, short)),
        "E": _request(material, host, (host, short)),
    }
    context = Context(material.at, host)
    given, why_not = [("Request", "CN", "SAN")], {}
    for label, request in made.items():
        summary = summaries.of_request(request)
        found = inspecting.check_names(summary, host, at=context.at)
        why_not[label] = found[0].said if found else ""
        given.append(
            (label, ", ".join(summary.common_names), ", ".join(summary.dns_names))
        )
    return Exercise(
        f"Five requests were prepared for {host}. Which of them may be sent to the "
        "certification authority? Tick them.",
        Tick(tuple(made)),
        ticked(why_not),
        right=fitting(why_not),
        wrong=(frozenset("AB"), frozenset("ACE"), frozenset("D"), frozenset("A")),
        hints=(
            "SAN and CN both have to name the server.",
            "Read the names letter by letter.",
        ),
        solution="Those whose common name and Subject Alternative Name both are "
        f"{host}; further names do no harm.",
        given=tuple(given),
    )


@task()
def what_the_authority_gets(material: Material) -> Exercise:
    """What travels to the certification authority."""
    host = material.host()
    spec = CertificateSpec((host,))
    key = material.key()
    request = requesting.prepare(
        spec, material.folder / material.word(), at=material.at, private_key=key
    )
    earlier = material.leaf(host, key=key)
    content = {
        "request.csr": request.csr.public_bytes(Encoding.PEM),
        "key.pem": files.read(request.folder / "key.pem"),
        "server.pfx": earlier.to_pfx("practice only"),
        "server.pem (key and certificate)": earlier.to_pem(),
    }

    def why_not(data: bytes) -> str:
        thing = inspecting.read(data, passphrase="practice only")  # noqa: S106
        held = thing.private_key if isinstance(thing, Bundle) else thing
        if isinstance(held, x509.CertificateSigningRequest):
            return ""
        return "it holds the private key, which never leaves your hands."

    reasons = {name: why_not(data) for name, data in content.items()}
    reasons["the passphrase of key.pem"] = "it opens the private key."
    return Exercise(
        f"You want a certificate for {host}. What do you send to the certification "
        "authority? Tick all of it.",
        Tick(material.shuffled(*reasons)),
        ticked(reasons),
        right=frozenset({"request.csr"}),
        wrong=(
            frozenset({"request.csr", "key.pem"}),
            frozenset({"server.pfx"}),
            frozenset({"server.pem (key and certificate)"}),
            frozenset({"the passphrase of key.pem"}),
        ),
        hints=(
            "The authority has to see the public key, and never the private one.",
            "The request is signed with the private key; that is proof enough.",
        ),
        solution="The request alone. Key, PFX file and passphrase stay with you.",
    )


@task()
def names_for_a_public_authority(material: Material) -> Exercise:
    """Names that a public authority may certify."""
    word = material.word
    public = [f"{word()}.contoso.com", f"{word()}.fabrikam.com"]
    internal = [
        f"{word()}.local",
        f"{word()}.corp",
        word(),
        f"10.{material.random.randrange(256)}.0.7",
        f"{word()}.internal",
    ]
    options = material.shuffled(*public, *material.random.sample(internal, 4))
    why_not = {name: public_names.why_not_public(name) for name in options}
    return Exercise(
        "For which of these names can a public certification authority release a "
        "certificate, if you own the domain? Tick them.",
        Tick(options),
        ticked(why_not),
        right=fitting(why_not),
        wrong=(
            frozenset(options),
            frozenset(public[:1]),
            frozenset(o for o in options if o not in public),
        ),
        hints=(
            (
                "The authority has to see that the name belongs to you, alone in the "
                "world."
            ),
            "Endings such as .local and private addresses belong to nobody.",
        ),
        solution=f"{' and '.join(public)}: the others exist in every network.",
    )


@task()
def approach_for_three_jobs(material: Material) -> Exercise:
    """Self-signed, internal or public?"""
    cases = [
        (PRODUCTS["xtract-universal"], Environment.TEST, Reachability.INTERNAL),
        (PRODUCTS["board-connector"], Environment.PRODUCTION, Reachability.INTERNAL),
        (PRODUCTS["board-cloud"], Environment.PRODUCTION, Reachability.INTERNET),
    ]
    material.random.shuffle(cases)
    advice = {
        f"{product.name}, {environment}, called from {reach}": products.advise(
            product, environment, reach
        )
        for product, environment, reach in cases
    }

    right = {case: str(best.approach) for case, best in advice.items()}
    return Exercise(
        "Three jobs, three approaches. Which is the right one for each?",
        Fill({case: tuple(map(str, Approach)) for case in advice}),
        filled(right, lambda case, said: f"{case}: not {said}. {advice[case].reason}"),
        right=right,
        wrong=tuple(dict.fromkeys(advice, str(approach)) for approach in Approach),
        hints=(
            "For a test environment nobody has to sign it but you.",
            "The Board Cloud knows none of your own authorities.",
        ),
        solution="; ".join(f"{case}: {approach}" for case, approach in right.items()),
    )


@task(minutes=4)
def answer_for_this_request(material: Material) -> Exercise:
    """Which answer belongs to the request."""
    host, other = material.host(), material.host()
    key = material.key()
    ca = material.authority("Practice CA")
    request = requesting.prepare(
        CertificateSpec((host,)),
        material.folder / material.word(),
        at=material.at,
        private_key=key,
    )
    answers = {
        "1.cer": (material.leaf(host, issuer=ca, key=key).leaf,),
        "2.cer": (material.leaf(host, issuer=ca).leaf,),
        "3.cer": (material.leaf(other, issuer=ca, key=key).leaf,),
        "4.cer": (ca.certificate,),
        "5.cer": (
            material.leaf(host, issuer=ca, key=key, age=400 * DAY).leaf,
            ca.certificate,
        ),
    }
    given = [("File", "Issued to", "Ends", "Has the request's key")]
    for name, found in answers.items():
        leaf = found[0]
        same_key = "yes" if leaf.public_key() == key.public_key() else "no"
        subject = leaf.subject.rfc4514_string().removeprefix("CN=")
        given.append((name, subject, clock.day(leaf.not_valid_after_utc), same_key))

    def why_not(certificates: Iterable[x509.Certificate]) -> str:
        data = b"".join(c.public_bytes(Encoding.PEM) for c in certificates)
        try:
            requesting.join(request, data, at=material.at)
        except CertlibError as error:
            return f"{error.message}."
        return ""

    reasons = {name: why_not(found) for name, found in answers.items()}
    return Exercise(
        f"On {clock.spoken(material.at)} five files lie in your mailbox. Which of them "
        f"answers your request for {host}? Tick it.",
        Tick(tuple(answers)),
        ticked(reasons),
        right=frozenset({"1.cer"}),
        wrong=tuple(frozenset({name}) for name in answers if name != "1.cer"),
        hints=(
            "Only a certificate with the request's own key can be joined with it.",
            "It must have the name that was asked for, and must not have ended.",
        ),
        solution="1.cer: the right key, the right name, and still valid.",
        given=tuple(given),
    )


@task()
def order_of_the_chain(material: Material) -> Exercise:
    """In which order a chain file is written."""
    root = material.authority("Practice Root")
    issuing = material.authority("Practice Issuing CA", root)
    leaf = material.leaf(material.host(), issuer=issuing).leaf
    letters = material.shuffled("a", "b", "c")
    place = dict(
        zip(letters, (leaf, issuing.certificate, root.certificate), strict=True)
    )
    given = [("File", "Issued to", "Issued by")]
    for letter in sorted(place):
        summary = summaries.of_certificate(place[letter])
        given.append((letter, summary.subject, summary.issuer))
    right = "".join(letters)

    def check(answer: str) -> str:
        wanted = same(answer).replace(",", "")
        if sorted(wanted) not in (sorted(right), sorted(right[:2])):
            return "Name the files by their letters, each once."
        for before, after in itertools.pairwise(wanted):
            if place[before].issuer != place[after].subject:
                return f"After {before} comes its issuer, and {after} is not that."
        return "" if wanted[0] == right[0] else f"{wanted[0]} is not the server's."

    return Exercise(
        "A Linux proxy wants one file with the chain. In which order do the three "
        "certificates go into it?",
        Write("Order", "a b c"),
        check,
        right=" ".join(letters),
        wrong=(
            " ".join(reversed(letters)),
            f"{letters[1]} {letters[0]} {letters[2]}",
            "x y z",
        ),
        hints=(
            "The server's own certificate comes first.",
            "Each one is followed by its issuer.",
        ),
        solution=f"{' '.join(letters)}: server, issuing CA, root (which may be left "
        "out).",
        given=tuple(given),
    )
