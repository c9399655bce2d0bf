"""Tasks for importing: the right store, the key with it, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.serialization import Encoding

from certlib import clock, importing, integrating, names
from certlib.bundles import Bundle
from certlib.errors import CertlibError
from certlib.practice.exercises import (
    Exercise,
    Fill,
    Tick,
    Write,
    filled,
    fitting,
    task,
    ticked,
)
from certlib.practice.material import DAY, USERS, Material
from certlib.products import PRODUCTS
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, StoreAddress


@task()
def where_each_one_goes(material: Material) -> Exercise:
    """Into which store each certificate goes."""
    host = material.host()
    root = material.authority(f"{material.word().title()} Root CA")
    issuing = material.authority(f"{material.word().title()} Issuing CA", root)
    leaf = material.leaf(host, issuer=issuing)
    bundle = replace(leaf, chain=(issuing.certificate, root.certificate))
    plan = importing.plan(bundle, material.machine(), importing.Wish(include_root=True))
    right = {
        step.bundle.subject: step.address.display_name for step in reversed(plan.steps)
    }
    places = tuple(
        a.display_name for a in (PERSONAL, INTERMEDIATE, TRUSTED_ROOT, USERS)
    )

    def but(position: int, place: str) -> dict[str, str]:
        return right | {list(right)[position]: place}

    return Exercise(
        f"A PFX file holds the certificate of {host} and those of its two authorities."
        " Into which store does each one go?",
        Fill(dict.fromkeys(right, places)),
        filled(right, lambda who, place: f"{who} does not belong into {place}."),
        right=right,
        wrong=(
            dict.fromkeys(right, PERSONAL.display_name),
            but(0, USERS.display_name),
            but(1, TRUSTED_ROOT.display_name),
            but(2, INTERMEDIATE.display_name),
        ),
        hints=(
            "A Windows service sees the stores of the computer, not those of a user.",
            "Only a root, the issuer of itself, goes to Trusted Root.",
        ),
        solution="; ".join(f"{subject}: {place}" for subject, place in right.items()),
    )


@task(minutes=4)
def import_it_right(material: Material) -> Exercise:
    """Import it so that the service can use it."""
    host = material.host()
    product = material.random.choice(list(PRODUCTS.values()))
    bundle = material.leaf(host)
    choices: dict[str, Bundle] = {
        f"{host}.pfx": bundle,
        f"{host}.cer": Bundle(bundle.leaf),
    }
    places = {a.display_name: a for a in (PERSONAL, USERS, TRUSTED_ROOT, INTERMEDIATE)}

    def check(answer: dict[str, str]) -> str:
        machine = material.machine()
        plan = importing.plan(
            choices[answer["File"]],
            machine,
            importing.Wish(
                to=places[answer["Store"]], service_account=answer["May read the key"]
            ),
        )
        importing.carry_out(plan)
        found = integrating.obstacles(
            machine,
            bundle.thumbprint,
            account=product.service_account,
            at=material.at,
        )
        return f"{found[0].text}" if found else ""

    right = {
        "File": f"{host}.pfx",
        "Store": PERSONAL.display_name,
        "May read the key": product.service_account,
    }
    return Exercise(
        f"{product.name} runs as {product.service_account}, and shall answer as "
        f"{host}. Fill in the import; it is carried out on a practice machine, and the "
        "service tries to use the certificate.",
        Fill(
            {
                "File": tuple(sorted(choices)),
                "Store": material.shuffled(*places),
                "May read the key": (),
            }
        ),
        check,
        right=right,
        wrong=(
            right | {"File": f"{host}.cer"},
            right | {"Store": USERS.display_name},
            right | {"May read the key": r"DOMAIN\somebody"},
            right | {"Store": TRUSTED_ROOT.display_name},
        ),
        hints=(
            "A .cer file has no private key.",
            "The service has to be allowed to read the key.",
            f"The account is {product.service_account}.",
        ),
        solution=f"The PFX file, into {PERSONAL.display_name}, with "
        f"{product.service_account} as reader of the key.",
    )


@task(minutes=4)
def certificates_the_service_can_use(material: Material) -> Exercise:
    """Which certificate in the store can the service use?"""
    product = material.random.choice(list(PRODUCTS.values()))
    machine, host = material.machine(), material.host()
    account = product.service_account
    cases: dict[str, tuple[Bundle, StoreAddress, str]] = {
        "A": (material.leaf(host), PERSONAL, account),
        "B": (Bundle(material.leaf(host).leaf), PERSONAL, ""),
        "C": (material.leaf(host, age=400 * DAY), PERSONAL, account),
        "D": (material.leaf(host), PERSONAL, ""),
        "E": (material.leaf(host), USERS, ""),
        "F": (material.leaf(host), PERSONAL, account),
    }
    given = [("Entry", "Store", "Ends", "Private key", "May read it")]
    why_not = {}
    for label, (bundle, address, reader) in cases.items():
        store = machine.open(address)
        entry = store.add(bundle)
        if reader:
            store.grant_read(entry.thumbprint, reader)
        found = integrating.obstacles(
            machine, entry.thumbprint, account=account, at=material.at
        )
        why_not[label] = found[0].text if found else ""
        readers = store.readers(entry.thumbprint) if entry.has_private_key else []
        given.append(
            (
                label,
                address.display_name,
                clock.day(bundle.leaf.not_valid_after_utc),
                "yes" if entry.has_private_key else "no",
                ", ".join(readers) or "-",
            )
        )
    right = fitting(why_not)
    return Exercise(
        f"It is {clock.spoken(material.at)}. {product.name} runs as {account}. Which "
        f"of these certificates for {host} can it use? Tick them.",
        Tick(tuple(cases)),
        ticked(why_not),
        right=right,
        wrong=(right | {"B"}, right | {"D"}, right | {"E"}, frozenset("AC")),
        hints=(
            "It needs the private key, in the computer's own store, readable.",
            "SYSTEM and Administrators are not the account of the service.",
        ),
        solution=f"{', '.join(sorted(right))}.",
        given=tuple(given),
    )


@task(minutes=2)
def who_has_to_read_the_key(material: Material) -> Exercise:
    """Who has to be allowed to read the key."""
    product = material.random.choice(list(PRODUCTS.values()))
    bundle = material.leaf(material.host())

    def check(answer: str) -> str:
        account, machine = answer.strip(), material.machine()
        store = machine.open(PERSONAL)
        entry = store.add(bundle)
        readers = importing.grant(
            importing.plan_grant(entry.thumbprint, account, machine, anyone=True)
        )
        if not store.may_read(entry.thumbprint, product.service_account):
            return (
                f"Now {', '.join(readers)} may read it, and the service of "
                f"{product.name} still may not."
            )
        if names.account(account) != names.account(product.service_account):
            return f"{account} is far too many: every service could take the key."
        return ""

    return Exercise(
        f"The certificate of {product.name} is in Local Machine > Personal; its "
        f"Windows service is called {product.service_name} and runs under its own "
        "virtual account. Whom do you add under Manage Private Keys?",
        Write("Account", r"NT Service\..."),
        check,
        right=product.service_account,
        wrong=(product.service_name, r"NT Service\Spooler", "Everyone"),
        hints=(
            "The virtual account of a service is called after the service.",
            f"NT Service\\ and then the name: {product.service_name}.",
        ),
        solution=f"{product.service_account}, with Read.",
    )


@task()
def remove_the_old_one(material: Material) -> Exercise:
    """Clean up after a renewal."""
    machine, host = material.machine(), material.host()
    ages = material.random.sample((340, 300, 5, 2), 3)
    bundles = [material.leaf(host, age=age * DAY) for age in sorted(ages)]
    store = machine.open(PERSONAL)
    for bundle in bundles:
        store.add(bundle)
    selected, other = bundles[0], material.leaf(material.host())
    store.add(other)
    outdated = [b.thumbprint for b in bundles[1:]]
    given = [("Thumbprint", "Issued to", "Ends", "Presented by the service")]
    for bundle in sorted([*bundles, other], key=lambda b: b.thumbprint):
        end = clock.day(bundle.leaf.not_valid_after_utc)
        shown = "yes" if bundle is selected else "no"
        given.append((bundle.thumbprint[:12], bundle.subject, end, shown))

    def why_not(bundle: Bundle) -> str:
        if bundle.thumbprint in outdated:
            return ""
        if bundle is selected:
            return "the service presents it and would answer no more."
        return f"it is for {bundle.subject}, another server's."

    options = {b.thumbprint[:12]: why_not(b) for b in (*bundles, other)}
    return Exercise(
        f"The certificate of {host} was renewed, and the service presents the new "
        "one. Which certificates do you remove from Local Machine > Personal? Tick "
        "them.",
        Tick(tuple(sorted(options))),
        ticked(options),
        right=frozenset(print_[:12] for print_ in outdated),
        wrong=(
            frozenset(options),
            frozenset({selected.thumbprint[:12]}),
            frozenset({outdated[0][:12], other.thumbprint[:12]}),
            frozenset({outdated[0][:12]}),
        ),
        hints=(
            "What the service presents has to stay.",
            "What belongs to another server is not yours to remove.",
        ),
        solution=f"The older ones of {host}: {', '.join(p[:12] for p in outdated)}.",
        given=tuple(given),
    )


@task(minutes=2)
def files_for_personal(material: Material) -> Exercise:
    """Which file can be imported into Personal."""
    ca = material.authority("Practice CA")
    host = material.host()
    with_key = material.leaf(host, issuer=ca)
    machine = material.machine()
    offered: dict[str, Callable[[], bytes]] = {
        "server.pfx": lambda: with_key.to_pfx("practice only"),
        "server.cer": lambda: with_key.leaf.public_bytes(Encoding.DER),
        "chain.p7b": lambda: replace(with_key, chain=(ca.certificate,)).to_p7b(),
        "server-and-key.pem": with_key.to_pem,
        "ca.cer": lambda: ca.certificate.public_bytes(Encoding.PEM),
    }

    def why_not(data: bytes) -> str:
        try:
            bundle = Bundle.from_bytes(data, passphrase="practice only")  # noqa: S106
            importing.plan(bundle, machine)
        except CertlibError as error:
            return f"{error.message}."
        return ""

    reasons = {name: why_not(make()) for name, make in offered.items()}
    right = fitting(reasons)
    return Exercise(
        f"Five files came for {host}. With which of them can a service be set up "
        "right away, since certificate and private key are in it? Tick them.",
        Tick(material.shuffled(*offered)),
        ticked(reasons),
        right=right,
        wrong=(
            right | {"server.cer"},
            right | {"chain.p7b"},
            frozenset({"ca.cer"}),
            frozenset({"server.pfx"}),
        ),
        hints=(
            "A .cer and a .p7b never hold a private key.",
            "A PEM file may hold both; then it becomes a PFX first on Windows.",
        ),
        solution=f"{' and '.join(sorted(right))}.",
    )
