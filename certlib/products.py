"""Products: which service needs what kind of certificate, as data.

Source: Theobald Software's documentation, "Install an X.509 certificate",
"Server settings" and "Ports" of each product.
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


class Setup(StrEnum):
    """Where a product is told which certificate its web server presents."""

    DESIGNER = "Designer"
    """A Windows program: Server > Settings, tab Web Server."""

    WEB_DESIGNER = "web Designer"
    """A page in the browser: Settings > Transport Layer Security."""

    FILE = "tls.json"
    """A file, and no window at all."""


@dataclass(frozen=True)
class Port:
    """A TCP port on which a product listens by default."""

    number: int
    purpose: str


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
        setup: where the certificate is chosen.
        other_ports: further ports that it listens on.
        folder: where it is installed by default; empty if the documents that
            were read do not say so.
        account_published: whether the documents print the service's account;
            otherwise it follows from the name of the service.
        note: what is special about it.
    """

    slug: str
    name: str
    service_name: str
    http_port: int
    https_port: int
    public_ca_only: bool = False
    setup: Setup = Setup.DESIGNER
    other_ports: tuple[Port, ...] = ()
    folder: str = ""
    account_published: bool = True
    note: str = ""

    @property
    def designer(self) -> bool:
        """Whether it is set up in the Designer (Server > Settings)."""
        return self.setup is Setup.DESIGNER

    @property
    def service_account(self) -> str:
        """The virtual account under which the service runs by default."""
        return f"NT Service\\{self.service_name}"

    @property
    def tls_file(self) -> str:
        """The file in which the service keeps its choice of certificate."""
        folder = self.folder or f"<installation folder of {self.name}>"
        return f"{folder}\\config\\servers\\tls.json"

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports that it listens on by default."""
        web = (Port(self.http_port, "HTTP"), Port(self.https_port, "HTTPS"))
        return web + self.other_ports


PRODUCTS = {
    product.slug: product
    for product in (
        Product(
            "xtract-universal",
            "Xtract Universal",
            "Xtract Universal Service",
            8065,
            8165,
            other_ports=(Port(8064, "Designer"),),
            account_published=False,
        ),
        Product(
            "board-connector",
            "Board Connector",
            "BOARD Connector Service",
            8097,
            8197,
            other_ports=(Port(8096, "Designer"), Port(8098, "BCAPIServer, no TLS")),
            folder="C:\\Program Files\\BOARDConnector",
            note="When the Board Cloud calls this server, a certificate of a public "
            "certification authority is needed: take Board Connector for Board Cloud.",
        ),
        Product(
            "board-cloud",
            "Board Connector for Board Cloud",
            "BOARD Connector Service",
            8097,
            8197,
            public_ca_only=True,
            other_ports=(Port(8096, "Designer"), Port(8098, "BCAPIServer, no TLS")),
            folder="C:\\Program Files\\BOARDConnector",
            note="The Board Cloud trusts public certification authorities only: a "
            "self-signed certificate or one of an internal CA does not work.",
        ),
        Product(
            "xtract-core",
            "Xtract Core",
            "SAP Connector Service",
            1337,
            1338,
            setup=Setup.FILE,
            folder="C:\\Program Files\\Theobald Software\\Xtract Core",
            note="There is no Designer. TLS is switched on in a file.",
        ),
        Product(
            "yunio",
            "yunIO",
            "yunIO Service",
            8075,
            8175,
            setup=Setup.WEB_DESIGNER,
            other_ports=(
                Port(8077, "Designer, HTTP"),
                Port(8177, "Designer, HTTPS"),
                Port(8076, "WebSockets, HTTP"),
                Port(8176, "WebSockets, HTTPS"),
            ),
            folder="C:\\Program Files\\Theobald Software\\yunIO",
            note="With a wildcard certificate, enter the host name as a custom "
            "service URL: the first name of the SAN would be taken otherwise.",
        ),
    )
}

WITHOUT_WEB_SERVER = {
    "xtract-is": "Xtract IS",
    "xtract-for-alteryx": "Xtract for Alteryx",
    "erpconnect": "ERPConnect",
    "erpconnect-services": "ERPConnect Services",
}
"""Products that answer no HTTPS themselves; theirs is SNC towards SAP, if any."""


def product(slug: str) -> Product:
    """Return a product by its short name.

    Raises:
        InputError: there is none of that name, or it has no web server.
    """
    wanted = slug.strip().lower()
    if name := WITHOUT_WEB_SERVER.get(wanted):
        raise InputError(
            f"{name} has no web server of its own, so there is no X.509 certificate "
            "to integrate",
            fix="its connection to SAP uses SNC: see the end of 5-integrating",
        )
    try:
        return PRODUCTS[wanted]
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
