"""Tasks for integrating: the certificate in the Designer, and what follows."""

from __future__ import annotations

import json
from dataclasses import replace

from certlib import clock, files, integrating
from certlib.bundles import Bundle
from certlib.integrating import designer
from certlib.integrating.designer import Protocol, ServerSettings
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
from certlib.practice.material import DAY, USERS, Material
from certlib.products import PRODUCTS, Setup
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT


@task()
def what_the_designer_lists(material: Material) -> Exercise:
    """What the Designer lists under Personal."""
    machine = material.machine()
    places = {
        "A": PERSONAL,
        "B": USERS,
        "C": TRUSTED_ROOT,
        "D": PERSONAL,
        "E": INTERMEDIATE,
    }
    given, entries = [("Certificate", "DNS name", "Store")], {}
    for label, address in places.items():
        host = material.host()
        entries[label] = machine.open(address).add(material.leaf(host))
        given.append((label, host, address.display_name))
    listed = {row.thumbprint for row in designer.listing(machine.open(PERSONAL))}
    why_not = {
        label: ""
        if entry.thumbprint in listed
        else f"it lies in {entry.address.display_name}."
        for label, entry in entries.items()
    }
    right = fitting(why_not)
    return Exercise(
        "Five certificates were imported on the server. Which of them does the window "
        '"Edit certificate location" list under Local Machine > Personal? Tick them.',
        Tick(tuple(places)),
        ticked(why_not),
        right=right,
        wrong=(right | {"B"}, frozenset(places), frozenset("A"), right | {"C"}),
        hints=(
            "The window shows the stores of the computer.",
            "Personal is one store of several.",
        ),
        solution=f"{', '.join(sorted(right))}: the others lie in other stores.",
        given=tuple(given),
    )


@task(minutes=2)
def address_that_clients_call(material: Material) -> Exercise:
    """Which address clients call afterwards."""
    with_designer = [p for p in PRODUCTS.values() if p.setup is Setup.DESIGNER]
    product = material.random.choice(with_designer)
    machine, first, second = material.machine(), material.host(), material.host()
    entry = machine.open(PERSONAL).add(material.leaf(first, second))
    before = ServerSettings.fresh(product)
    after = replace(before, protocol=Protocol.HTTPS, web=entry.thumbprint)

    def told(url: str) -> bool:
        said = designer.consequences(before, after, machine, host="old-name")
        return any(f"call {url} instead" in sentence for sentence in said)

    def check(answer: str) -> str:
        url = same(answer).rstrip("/") + "/"
        if told(url):
            return ""
        if not url.startswith("https://"):
            return f"{answer} does not begin with https://."
        if f":{product.https_port}/" not in url:
            return f"{answer} does not have the HTTPS port of {product.name}."
        return f"{answer} is not the first DNS name of the certificate."

    url = f"https://{first}:{product.https_port}/"
    return Exercise(
        f"In the Designer of {product.name} you choose HTTPS and a certificate with "
        f"the names {first} and {second}; the ports stay as they were installed. "
        "Which address do clients call from now on?",
        Write("Address", "https://server:port/"),
        check,
        right=url,
        wrong=(
            f"http://{first}:{product.http_port}/",
            f"https://{first}:{product.http_port}/",
            f"https://{second}:{product.https_port}/",
            f"https://{first}/",
        ),
        hints=(
            "The first DNS name of the certificate becomes the host name.",
            f"{product.name} answers on HTTPS at port {product.https_port}.",
        ),
        solution=url,
    )


@task(minutes=4)
def why_it_does_not_answer(material: Material) -> Exercise:
    """Why the service does not answer."""
    machine, account = material.machine(), PRODUCTS["xtract-universal"].service_account
    host = material.host()
    bundles = {
        "no right to read": material.leaf(host),
        "no private key": Bundle(material.leaf(host).leaf),
        "ended": material.leaf(host, age=400 * DAY),
        "no name": material.leaf(common_name=host),
    }
    causes: dict[str, str] = {}
    given = [("Certificate", "SAN", "Ends", "Private key", "May read it")]
    order = material.shuffled(*bundles)
    for number, cause in enumerate(order, start=1):
        label, bundle = f"certificate {number}", bundles[cause]
        store = machine.open(PERSONAL)
        entry = store.add(bundle)
        if cause != "no right to read" and entry.has_private_key:
            store.grant_read(entry.thumbprint, account)
        found = integrating.obstacles(
            machine, entry.thumbprint, account=account, at=material.at
        )
        causes[label] = found[0].text
        may = entry.has_private_key and store.may_read(entry.thumbprint, account)
        given.append(
            (
                label,
                "(none)" if cause == "no name" else host,
                clock.day(bundle.leaf.not_valid_after_utc),
                "yes" if entry.has_private_key else "no",
                "the service" if may else "not the service",
            )
        )
    choices = tuple(sorted(causes.values()))

    return Exercise(
        f"Four certificates for {host} were tried one after the other, and with none "
        f"of them did the service (as {account}) answer. It is "
        f"{clock.spoken(material.at)}. What was in the way each time?",
        Fill(dict.fromkeys(causes, choices)),
        filled(causes, lambda label, _: f"{label}: that is not what is in its way."),
        right=dict(causes),
        wrong=tuple(dict.fromkeys(causes, choice) for choice in choices[:3]),
        hints=(
            "Look at each row for the one thing that the others have.",
            "Without a private key there is nothing to read.",
        ),
        solution="; ".join(f"{label}: {cause}" for label, cause in causes.items()),
        given=tuple(given),
    )


@task(minutes=3)
def tls_json_by_hand(material: Material) -> Exercise:
    """Mend a tls.json."""
    machine, host = material.machine(), material.host()
    store = machine.open(PERSONAL)
    old, new = material.leaf(host, age=350 * DAY), material.leaf(host, age=2 * DAY)
    for bundle in (old, new):
        store.add(bundle)
    path = material.folder / material.word() / "tls.json"
    given = [("Thumbprint", "Issued to", "Ends")]
    for bundle in sorted((old, new), key=lambda b: b.thumbprint):
        end = clock.day(bundle.leaf.not_valid_after_utc)
        given.append((bundle.thumbprint, bundle.subject, end))

    def check(answer: dict[str, str]) -> str:
        integrating.configure(path, answer["thumbprint"], machine)
        written = json.loads(files.read(path))
        written["tlsEnabled"] = answer["tlsEnabled"] == "true"
        files.write(path, json.dumps(written).encode(), replace=True)
        for seen in integrating.compare(path, machine, at=material.at + 20 * DAY):
            if not seen.passed:
                return f"{seen.subject}: {seen.detail}."
        return ""

    right = {"tlsEnabled": "true", "thumbprint": new.thumbprint}
    return Exercise(
        f"The certificate of {host} was renewed. Xtract Core has no Designer: its "
        "tls.json says which certificate it presents. Fill in the two values; the file "
        "is written and compared with the store, as of three weeks from now.",
        Fill({"tlsEnabled": ("true", "false"), "thumbprint": ()}),
        check,
        right=right,
        wrong=(
            right | {"tlsEnabled": "false"},
            right | {"thumbprint": old.thumbprint},
            right | {"thumbprint": new.thumbprint[:-1] + "0Z"},
            right | {"thumbprint": "0" * 40},
        ),
        hints=(
            "Take the certificate that ends last.",
            "A thumbprint has 40 digits; blanks do not matter.",
        ),
        solution=f"tlsEnabled true, thumbprint {new.thumbprint}.",
        given=tuple(given),
    )


_STEPS = {
    "I": "import the new PFX file into Local Machine > Personal",
    "G": "let the service's account read the new private key",
    "S": "select the new certificate in the Designer",
    "R": "restart the service",
    "C": "check that clients get the new certificate",
    "D": "remove the old certificate",
}
_BEFORE = (
    ("I", "G", "there is no key yet that anybody could be let read"),
    ("I", "S", "the Designer does not list the new certificate yet"),
    ("G", "R", "the service would start and fail to read the key"),
    ("S", "R", "the service would start with the old certificate again"),
    ("R", "C", "the service still presents the old one"),
    ("C", "D", "nobody knows yet whether the new one works"),
)


@task()
def steps_of_a_renewal(material: Material) -> Exercise:
    """In which order a certificate is renewed."""
    given = tuple((key, _STEPS[key]) for key in material.shuffled(*_STEPS))

    def check(answer: str) -> str:
        wanted = same(answer).upper().replace(",", "")
        if sorted(wanted) != sorted(_STEPS):
            return "Name each of the six steps by its letter, once."
        for earlier, later, why in _BEFORE:
            if wanted.index(later) < wanted.index(earlier):
                return f"{later} comes too early: {why}."
        return ""

    return Exercise(
        "A new PFX file has come, with a new private key. In which order do you do "
        "these six things?",
        Write("Order", "I G S ..."),
        check,
        right="I G S R C D",
        wrong=("D I G S R C", "I S R G C D", "I G R S C D", "I G S", "S I G R C D"),
        hints=(
            "Nothing can be done with a certificate that is not in the store.",
            "The old one goes last.",
        ),
        solution="I G S R C D (G and S may change places).",
        given=(("Letter", "Step"), *given),
    )


@task(minutes=2)
def where_a_product_is_told(material: Material) -> Exercise:
    """Where each product is told its certificate."""
    slugs = ("xtract-universal", "board-connector", "xtract-core", "yunio")
    right = {
        PRODUCTS[s].name: str(PRODUCTS[s].setup) for s in material.shuffled(*slugs)
    }

    return Exercise(
        "Where do you tell each of these products which certificate it presents?",
        Fill(dict.fromkeys(right, tuple(map(str, Setup)))),
        filled(right, lambda name, place: f"{name} is not told in the {place}."),
        right=right,
        wrong=tuple(dict.fromkeys(right, str(setup)) for setup in Setup),
        hints=(
            "One of them has no Designer at all.",
            "One has its Designer in the browser.",
        ),
        solution="; ".join(f"{name}: {place}" for name, place in right.items()),
    )
