"""Faults of the service: what is selected, how it speaks, how it is called."""

from __future__ import annotations

import ssl

from certlib.practice.faults.catalogue import fault
from certlib.practice.material import DAY
from certlib.practice.service import Service, closed_port
from certlib.products import PRODUCTS
from certlib.stores import PERSONAL


@fault("call")
def short_name_called(service: Service) -> None:
    """Users call the server by a short name that is not in the certificate.

    It works for some colleagues and not for others, on the same computer even.
    """
    service.called = service.host.partition(".")[0]


@fault("restart")
def not_restarted(service: Service) -> None:
    """The service was not restarted and presents the old certificate.

    The new one is imported and selected, and the browser shows the old one.
    """
    new = service.release(age=DAY)
    service.use(service.release(age=366 * DAY))
    service.restart()
    service.use(new)
    service.restarts = False


@fault("select")
def old_one_selected(service: Service) -> None:
    """The Designer still points to the old certificate.

    The renewed certificate is in the store, the service was restarted.
    """
    service.use(service.release(age=1 * DAY), select=False)
    service.use(service.release(age=366 * DAY))


@fault("select", level=2)
def selection_is_gone(service: Service) -> None:
    """The selected certificate is not in the store any more.

    Somebody cleaned up in the store, and the service does not start.
    """
    old = service.settings.selected
    service.use(service.release(age=DAY), select=False)
    service.machine.open(PERSONAL).remove(old)


@fault("select", level=2)
def tls_json_points_nowhere(service: Service) -> None:
    """The file tls.json names a certificate that is not in the store.

    Somebody wrote tls.json by hand; now the service does not start.
    """
    service.product = PRODUCTS["xtract-core"]
    service.use(service.release(age=DAY))
    service.set(selected=service.settings.selected[:-2] + "00")


@fault("call")
def wrong_port(service: Service) -> None:
    """Users call a port on which nothing listens.

    The browser says that the connection is refused.
    """
    service.called_port = closed_port()


@fault("settings")
def plain_http(service: Service) -> None:
    """The web server is set to HTTP, without TLS.

    The browser says that the server sent an invalid response.
    """
    service.set(https=False)


@fault("settings", level=2)
def old_tls_only(service: Service) -> None:
    """The server speaks TLS 1.0 only.

    Old programs get in, new ones do not.
    """
    service.set(versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1))


@fault("settings", level=2)
def hanging(service: Service) -> None:
    """The service accepts connections and never answers.

    The page loads and loads.
    """
    service.set(hangs=True)


@fault("settings", level=3)
def client_certificate_wanted(service: Service) -> None:
    """The server wants a certificate from its clients.

    The handshake fails, though everything about the server's certificate is right.
    """
    service.set(asks_clients=True)
