"""Products: which service needs what kind of certificate, as data.

Source: Theobald Software's documentation, "Install an X.509 certificate".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from certlib.errors import InputError


class Environment(StrEnum):
    """What the server is for."""

    TEST = "test"
    PRODUCTION = "production"


class Approach(StrEnum):
    """How the certificate comes into being."""

    SELF_SIGNED = "self-signed"
    INTERNAL_CA = "internal CA"
    PUBLIC_CA = "public CA"


@dataclass(frozen=True)
class Product:
    r"""A product whose Windows service has a web server of its own.

    Attributes:
        slug: its short name in commands.
        name: its name.
        service_name: of its Windows service, as accounts of the form
            ``NT Service\<service name>`` want it.
        http_port: default port without TLS.
        https_port: default port with TLS.
        public_ca_only: its documents demand a certificate of a public CA.
        designer: it is set up in the Designer (Server > Settings).
    """

    slug: str
    name: str
    service_name: str
    http_port: int
    https_port: int
    public_ca_only: bool = False
    designer: bool = True

    @property
    def service_account(self) -> str:
        """The virtual account under which the service runs by default."""
        return f"NT Service\\{self.service_name}"


PRODUCTS = {
    product.slug: product
    for product in (
        Product(
            "xtract-universal",
            "Xtract Universal",
            "Xtract Universal Service",
            8065,
            8165,
        ),
        Product(
            "board-connector", "Board Connector", "BOARD Connector Service", 8097, 8197
        ),
        Product(
            "board-cloud",
            "Board Connector for Board Cloud",
            "BOARD Connector Service",
            8097,
            8197,
            public_ca_only=True,
        ),
        Product(
            "xtract-core",
            "Xtract Core",
            "SAP Connector Service",
            1337,
            1338,
            designer=False,
        ),
        Product("yunio", "yunIO", "yunIO Service", 8075, 8175, designer=False),
    )
}


def product(slug: str) -> Product:
    """Return a product by its short name.

    Raises:
        InputError: there is none of that name.
    """
    try:
        return PRODUCTS[slug.strip().lower()]
    except KeyError:
        raise InputError(
            f"there is no product {slug!r}", fix=f"take one of {', '.join(PRODUCTS)}"
        ) from None


@dataclass(frozen=True)
class Advice:
    """Which approach to take, and why."""

    approach: Approach
    reason: str


class Reachability(StrEnum):
    """From where clients reach the server."""

    INTERNAL = "our own network"
    INTERNET = "the internet"


@dataclass(frozen=True)
class Decision:
    """A row of the table that leads to an approach; None stands for any.

    Attributes:
        approach: what to take.
        reason: why, in a sentence; ``{product}`` stands for its name.
        public_ca_only: as `Product.public_ca_only`.
        environment: what the server is for.
        reachability: from where it is reached.
    """

    approach: Approach
    reason: str
    public_ca_only: bool | None = None
    environment: Environment | None = None
    reachability: Reachability | None = None

    def fits(
        self, product: Product, environment: Environment, reachability: Reachability
    ) -> bool:
        """Tell whether this row is about a case."""
        return (
            self.public_ca_only in (None, product.public_ca_only)
            and self.environment in (None, environment)
            and self.reachability in (None, reachability)
        )


DECISIONS = (
    Decision(
        Approach.PUBLIC_CA,
        "{product} is called from the internet by the Board Cloud, which trusts "
        "public certification authorities only.",
        public_ca_only=True,
    ),
    Decision(
        Approach.SELF_SIGNED,
        "A self-signed certificate is enough for a test environment; clients have to "
        "be told to trust it.",
        environment=Environment.TEST,
    ),
    Decision(
        Approach.PUBLIC_CA,
        "In production the certificate has to be released by a certification "
        "authority. Clients on the internet do not know the one of your own network.",
        reachability=Reachability.INTERNET,
    ),
    Decision(
        Approach.INTERNAL_CA,
        "In production the certificate has to be released by a certification "
        "authority. One of your own network is enough inside it.",
    ),
)
"""Which approach the documents ask for; the first row that fits counts."""


def advise(
    for_product: Product,
    environment: Environment,
    reachability: Reachability = Reachability.INTERNAL,
) -> Advice:
    """Return the approach that the documents ask for."""
    row = next(d for d in DECISIONS if d.fits(for_product, environment, reachability))
    return Advice(row.approach, row.reason.format(product=for_product.name))
