"""Tasks for creating: a self-signed certificate that its clients can use."""

from __future__ import annotations

from datetime import timedelta

from certlib import clock, creating, names, products, rules, summaries
from certlib.bundles import Bundle, PfxProtection
from certlib.errors import InputError
from certlib.keys import KeyKind
from certlib.practice.exercises import (
    Exercise,
    Fill,
    Tick,
    Write,
    fitting,
    task,
    ticked,
)
from certlib.practice.material import DAY, Material
from certlib.products import PRODUCTS, Approach, Environment, Reachability
from certlib.rules import Context
from certlib.rules.traits import LIMITS
from certlib.specs import CertificateSpec


@task()
def names_for_two_clients(material: Material) -> Exercise:
    """One certificate for two names."""
    first, second = material.host(), material.host()
    short = first.partition(".")[0]
    wanted = (first, second)

    def check(answer: str) -> str:
        spec = CertificateSpec(tuple(answer.replace(",", " ").split()))
        made = creating.create(spec, at=material.at, private_key=material.key())
        summary = summaries.of_certificate(made.leaf, private_key=True)
        for name in wanted:
            if not any(names.matches(n, name) for n in summary.dns_names):
                return f"A client that calls {name} refuses it: {name} is not in it."
        if spec.common_name != first:
            return f"It works, but its common name is {spec.common_name}."
        if extra := set(spec.server_names) - set(wanted):
            return f"Nobody asked for {', '.join(sorted(extra))}."
        return ""

    return Exercise(
        f"Clients call the server as {first}, and some as {second}. Which names do "
        f"you give, so that one certificate serves both and {first} is its common "
        "name?",
        Write("Server names", "one.example.com, two.example.com"),
        check,
        right=f"{first}, {second}",
        wrong=(
            first,
            f"{second}, {first}",
            f"{first}:8165, {second}",
            f"{short}, {second}",
            f"{first}, {second}, *.example.com",
        ),
        hints=(
            (
                "Clients look for the exact name that they call in the Subject "
                "Alternative Name, and where it is there nowhere else."
            ),
            "The first DNS name becomes the common name.",
            f"Write {first} first, then a comma, then the other one.",
        ),
        solution=f"{first}, {second}: both stand in the Subject Alternative Name, and "
        "the first one is the common name as well.",
    )


@task()
def wishes_that_cannot_work(material: Material) -> Exercise:
    """What cannot be a server's name."""
    host, other = material.host(), material.host()
    options = material.shuffled(
        host,
        f"{host}:8165",
        f"{material.word()}..{other}",
        f"{material.word()} server.example.com",
        f"{'x' * 64}.{other}",
        f"{host}, 192.0.2.{material.random.randrange(1, 255)}",
        f"192.0.2.{material.random.randrange(1, 255)}",
    )

    def why_it_works(wish: str) -> str:
        try:
            spec = CertificateSpec(tuple(map(str.strip, wish.split(","))))
        except InputError:
            return ""
        return f"it becomes a certificate for {', '.join(spec.server_names)}."

    why_not = {option: why_it_works(option) for option in options}
    return Exercise(
        "Seven colleagues say for which server they want a certificate. From which of "
        "these can none be made? Tick them.",
        Tick(options),
        ticked(why_not),
        right=fitting(why_not),
        wrong=(
            frozenset({host}),
            frozenset({f"{host}:8165"}),
            frozenset(options),
        ),
        hints=(
            "A name is what stands in the DNS: no port, no blank, no empty part.",
            "One part of a name has at most 63 characters.",
            (
                "The documents ask for a DNS name; an address may come along, but not "
                "alone."
            ),
        ),
        solution="A port, a blank, an empty part, one of more than 63 characters, and "
        "an address alone cannot be the server's DNS name.",
    )


@task(minutes=2)
def longest_public_lifetime(material: Material) -> Exercise:
    """How long a public certificate may live."""
    since, days = material.random.choice([limit for limit in LIMITS if limit[1] < 398])
    start = since + material.random.randrange(1, 200) * DAY
    judge = rules.Judge(
        Context(start, approach=Approach.PUBLIC_CA), [rules.RULES["lifetime-too-long"]]
    )

    def lives(number: int) -> bool:
        leaf = material.leaf(
            "server.example.com",
            age=material.at - start,
            validity=timedelta(days=number),
        ).leaf
        return not judge(summaries.of_certificate(leaf))

    def check(answer: str) -> str:
        try:
            number = int(answer.strip().removesuffix("days").strip())
        except ValueError:
            return f"{answer!r} is no number of days."
        if not 0 < number < 10_000:
            return f"{number} days is no lifetime of a certificate."
        if not lives(number):
            return f"{number} days is longer than a public CA may issue on that day."
        if lives(number + 1):
            return f"{number} days is allowed, and it is not the longest."
        return ""

    return Exercise(
        f"A public certification authority releases a certificate on "
        f"{clock.spoken(start)}. How many days may it live at most?",
        Write("Days", "90"),
        check,
        right=str(days),
        wrong=(str(days + 1), str(days - 1), "398", "one year"),
        hints=(
            "The limit falls in steps, always on 15 March.",
            "200 days from 2026, 100 from 2027, 47 from 2029.",
        ),
        solution=f"{days} days: that is the limit from {clock.spoken(since)} on.",
    )


@task()
def where_self_signed_is_enough(material: Material) -> Exercise:
    """Where a self-signed certificate is enough."""
    cases = {
        f"{product.name}, {environment}, called from {reach}": products.advise(
            product, environment, reach
        )
        for product in PRODUCTS.values()
        for environment in Environment
        for reach in Reachability
    }
    enough = [c for c, a in cases.items() if a.approach is Approach.SELF_SIGNED]
    others = [c for c in cases if c not in enough]
    cloud = next(c for c in others if "Board Cloud" in c and "test" in c)
    options = material.shuffled(
        *material.random.sample(enough, 2),
        *material.random.sample([c for c in others if c != cloud], 2),
        cloud,
    )
    why_not = {
        option: "" if option in enough else cases[option].reason for option in options
    }
    return Exercise(
        "For which of these services is a self-signed certificate enough? Tick them.",
        Tick(options),
        ticked(why_not),
        right=frozenset(o for o in options if o in enough),
        wrong=(frozenset(options), frozenset({cloud}), frozenset(options) - {cloud}),
        hints=(
            "The documents ask for a certification authority in production.",
            (
                "The Board Cloud trusts public certification authorities only, in a "
                "test as well."
            ),
        ),
        solution="Test environments, unless the Board Cloud calls the server.",
    )


@task()
def pfx_for_an_old_windows(material: Material) -> Exercise:
    """A PFX file for Windows Server 2012."""
    host = material.host()
    modern, old = PfxProtection.AES_256, PfxProtection.TRIPLE_DES
    choices = {
        "AES-256, as today's programs write it": modern,
        "Triple DES, for old programs": old,
    }
    offered = material.shuffled(*choices)
    bundle = material.leaf(host)

    def check(answer: dict[str, str]) -> str:
        passphrase = answer["Passphrase"]
        data = bundle.to_pfx(passphrase, protection=choices[answer["Protection"]])
        Bundle.from_bytes(data, passphrase=passphrase)
        if choices[answer["Protection"]] is modern:
            return (
                "Windows Server 2016 and older would say that the passphrase is "
                "wrong: they cannot read this protection."
            )
        if len(passphrase) < 8:
            return f"Whoever finds the file guesses {len(passphrase)} characters soon."
        if not passphrase.isascii():
            return "Old programs write other letters than A to Z in their own way."
        return ""

    def answer(protection: PfxProtection, passphrase: str) -> dict[str, str]:
        label = next(text for text, value in choices.items() if value is protection)
        return {"Protection": label, "Passphrase": passphrase}

    return Exercise(
        f"The PFX file for {host} goes to a Windows Server 2012. Choose its "
        "protection, and a passphrase that every program on the way understands (one "
        "for practice, not one of yours).",
        Fill({"Protection": offered, "Passphrase": ()}),
        check,
        right=answer(old, "correct horse battery"),
        wrong=(
            answer(modern, "correct horse battery"),
            answer(old, "abc"),
            answer(old, "schöne Überraschung"),
        ),
        hints=(
            "Windows reads AES-256 in PFX files from Server 2019 on.",
            "Take at least 8 characters, without umlauts or accents.",
        ),
        solution="Triple DES, with a long passphrase in plain letters, digits and "
        "blanks.",
    )


@task(minutes=2)
def keys_for_a_windows_service(material: Material) -> Exercise:
    """Which kind of key Windows can use."""
    kinds = ("RSA-1024", "Ed25519", "secp256k1", "Ed448")
    options = material.shuffled(
        *material.random.sample(list(map(str, KeyKind)), 3), *kinds
    )

    def why_not(kind: str) -> str:
        try:
            KeyKind.parse(kind)
        except InputError as error:
            return f"{error.message}."
        return ""

    reasons = {option: why_not(option) for option in options}
    return Exercise(
        "Which of these kinds of key may the certificate of the Windows service "
        "have? Tick them.",
        Tick(options),
        ticked(reasons),
        right=fitting(reasons),
        wrong=(
            frozenset({"Ed25519"}),
            frozenset({"RSA-1024"}),
            frozenset(options),
        ),
        hints=(
            "Schannel, Windows' TLS, knows RSA and ECDSA.",
            "OpenSSL and curl refuse RSA keys below 2048 bits, and no CA signs them.",
        ),
        solution="RSA from 2048 bits on, and ECDSA on the curves P-256 and P-384.",
    )
