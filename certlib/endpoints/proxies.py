"""Proxies: the way to servers by CONNECT (RFC 9110, section 9.3.6), where one leads."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import socket
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

from certlib import names, texts
from certlib.endpoints.endpoint import Endpoint, Proxy, in_brackets
from certlib.errors import EndpointError, InputError


def parse(text: str) -> Proxy:
    """Return the proxy that a text means: ``http://HOST:PORT`` or ``HOST:PORT``.

    Raises:
        InputError: it is none; the text is not quoted, as it may hold a password.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port or http.client.HTTP_PORT
    except ValueError:
        raise _no_proxy() from None
    if parts.scheme.lower() != "http" or not parts.hostname:
        raise _no_proxy()
    login = ""
    if parts.username is not None:
        both = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = f"Basic {base64.b64encode(both.encode()).decode()}"  # RFC 7617
    return Proxy(names.host(parts.hostname), port, login)


def of_environment(endpoint: Endpoint) -> Proxy | None:
    """Return the proxy that this computer's settings have for a server, if any.

    HTTPS_PROXY (for HTTPS), ALL_PROXY and NO_PROXY; Windows' own settings, too.

    Raises:
        InputError: it is no HTTP proxy.
    """
    given = urllib.request.getproxies()
    found = (not endpoint.before and given.get("https")) or given.get("all")
    asked = endpoint.address, endpoint.host  # [::1]:443, and ::1 in NO_PROXY
    if not found or any(map(urllib.request.proxy_bypass, asked)):
        return None
    return parse(found)


async def connect(
    proxy: Proxy, endpoint: Endpoint, seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to a server that leads through a proxy.

    Args:
        proxy: which one.
        endpoint: the server.
        seconds: that each step may take; the caller ends the whole.

    Raises:
        EndpointError: the proxy is not there, or leads nobody to this server.
    """
    way = _Way(proxy.host, proxy.port, timeout=seconds)
    way.response_class = _Answer
    headers = {"Proxy-Authorization": proxy.login} if proxy.login else {}
    way.set_tunnel(in_brackets(endpoint.host), endpoint.port, headers)
    try:
        await asyncio.to_thread(way.connect)
        way.sock.setblocking(False)
        return await asyncio.open_connection(sock=way.sock)
    except BaseException as error:  # also that nobody waits any more
        way.give_up()
        if not isinstance(error, OSError | http.client.HTTPException):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        reason = texts.shown(reason or type(error).__name__)
        raise EndpointError(
            f"the proxy {proxy} does not lead to {endpoint}: {reason}",
            fix="check the proxy's address, and have it let CONNECT to this port "
            "through",
        ) from None


class _Way(http.client.HTTPConnection):
    """Can be given up from another thread, whatever the proxy does meanwhile.

    A thread that waits for an answer which drips for ever would not let Python end.
    """

    given_up = False

    def send(self, data: Any) -> None:
        if self.given_up:  # while the connection was being made
            raise OSError("nobody waits for it any more")
        super().send(data)

    def give_up(self) -> None:
        self.given_up = True
        if (sock := self.sock) is not None:
            with contextlib.suppress(OSError):  # it is closed already
                sock.shutdown(socket.SHUT_RDWR)
        self.close()


class _Answer(http.client.HTTPResponse):
    """Reads no byte beyond the head: a mail server speaks first behind it."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = sock.makefile("rb", buffering=0)


def _no_proxy() -> InputError:
    return InputError(
        "the proxy that was named is no HTTP proxy",
        fix="write it as http://HOST:PORT, or http://NAME:PASSWORD@HOST:PORT",
        parameter="proxy",
    )
