"""Designer: its windows for the certificate, to walk through in a notebook.

They look and behave like the documented windows and read the stores of a real
machine, but configure no product: what they say afterwards is what would
happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import ipywidgets as widgets
from cryptography import x509

from certlib import clock, integrating
from certlib.errors import CertlibError, InputError
from certlib.integrating import designer
from certlib.integrating.designer import Protocol, Row, ServerSettings
from certlib.products import Product
from certlib.rules import Tone
from certlib.stores import Machine, StoreAddress
from certlib.widgets import dialogs, look
from certlib.widgets.dialogs import Window
from certlib.widgets.location import LocationWindow
from certlib.widgets.panels import Panel

SELECT = "Select X.509 certificate"
TLS_LOGON = "Custom credentials (TLS encryption)"
TABS = ("Configuration Server", "Web Server")


class Designer(Panel):
    """The windows behind Server > Settings, as a walk-through.

    A person clicks; a notebook that runs without one calls `choose`, `click`,
    `pick` and `tick`: the same handlers run.

    Attributes:
        settings: what the service runs with.
        saved: what it will run with after its restart.
        told: what the last change means, one sentence each.
    """

    def __init__(
        self,
        product: Product,
        machine: Machine,
        *,
        host: str,
        account: str = "",
        at: datetime | None = None,
        trusted: Iterable[x509.Certificate] = (),
    ) -> None:
        """Open the window "Server settings".

        Args:
            product: one that is set up in the Designer.
            machine: whose stores are listed.
            host: the server's host name so far.
            account: under which the service runs; its virtual account if left
                out.
            at: the moment for 'expired', with a time zone; now if left out.
            trusted: roots that the clients trust besides those of the machine.

        Raises:
            InputError: the product has no Designer.
        """
        if not product.designer:
            raise InputError(
                f"{product.name} has no Designer with these windows",
                fix=f"it is set up in {product.setup}: see the steps of this product",
            )
        self.settings = self.saved = ServerSettings.fresh(product)
        self.told: tuple[str, ...] = ()
        self._product, self._machine, self._host = product, machine, host
        self._account = account or product.service_account
        self._at, self._trusted = at or clock.now(), tuple(trusted)
        self._chosen = dict.fromkeys(TABS, "")
        self._advice = widgets.HTML()
        self._location = LocationWindow(machine, self._judge, self._take)
        self._windows = (self._settings(), self._location, self._question())
        super().__init__(
            f"{product.name} Designer (walk-through): Server > Settings",
            [widgets.HTML(dialogs.STYLE), self._desktop(), self._advice],
        )
        self.layout.max_width = "1000px"
        self._windows[0].appear()
        self._follow()

    @property
    def window(self) -> Window:
        """The window that is on top."""
        return next(w for w in reversed(self._windows) if w.opened)

    @property
    def listed(self) -> tuple[Row, ...]:
        """The certificates that the window "Edit certificate location" shows."""
        return self._location.listed

    def choose(self, protocol: Protocol | str) -> None:
        """Choose a protocol on the tab Web Server."""
        self._tabs.selected_index = TABS.index("Web Server")
        self._protocol.value = Protocol(protocol)

    def tick(self, tls_logon: bool = True) -> None:
        """Tick 'Custom credentials (TLS encryption)' on the other tab."""
        self._tabs.selected_index = TABS.index("Configuration Server")
        self._tls_logon.value = tls_logon

    def click(self, name: str) -> None:
        """Click on a button of the window on top.

        Raises:
            InputError: there is no such button, or it is grey.
        """
        if name == SELECT and self.window is self._windows[0]:
            self.window.buttons[SELECT] = self._selectors[self._tab]
        self.window.click(name)

    def open_store(self, address: StoreAddress) -> None:
        """Click on a store in the tree of "Edit certificate location"."""
        self._location.open_store(address)

    def pick(self, thumbprint: str) -> None:
        """Click on a certificate in "Edit certificate location".

        Raises:
            InputError: it is not listed there.
        """
        self._location.pick(thumbprint)

    def picture(self) -> str:
        """Return what is chosen, as static HTML."""
        rows = [
            ("Protocol", str(self._protocol.value)),
            ("HTTP port", str(self._http.value)),
            ("HTTPS port", str(self._https.value)),
            ("Certificate (Web Server)", self._chosen["Web Server"] or "none"),
            ("Certificate (Configuration Server)", self._chosen[TABS[0]] or "none"),
        ]
        return look.box(self.heading, look.table(rows)) + str(self._advice.value)

    @property
    def _tab(self) -> str:
        return TABS[self._tabs.selected_index or 0]

    def _desktop(self) -> widgets.Widget:
        for dialog in self._windows[1:]:
            dialog.behind = self._windows[0]
            dialog.add_class("certlib-dialog")
        desktop = widgets.Box(self._windows)
        desktop.add_class("certlib-desktop")
        return desktop

    def _settings(self) -> Window:
        self._selectors = {
            tab: dialogs.button(SELECT, self._edit_location) for tab in TABS
        }
        self._tabs = widgets.Tab(
            [self._configuration_page(), self._web_page()], titles=TABS
        )
        self._tabs.selected_index = 1
        feet: dict[str, Callable[[], None]] = {"OK": self._ok, "Cancel": self._cancel}
        return Window(
            "Server settings", [self._tabs], feet, width="540px", default="OK"
        )

    def _web_page(self) -> widgets.Widget:
        self._protocol = widgets.RadioButtons(
            options=list(Protocol), layout={"width": "auto"}
        )
        self._http = _number(self.settings.http_port)
        self._https = _number(self.settings.https_port)
        for widget in (self._protocol, self._http, self._https):
            widget.observe(lambda _: self._follow(), names="value")
        protocol = [
            self._protocol,
            dialogs.labelled("HTTP port:", self._http),
            dialogs.labelled("HTTPS port:", self._https),
            self._selectors["Web Server"],
        ]
        misc = [dialogs.labelled("Keep log files (days):", _number(7, fixed=True))]
        cache = [
            dialogs.labelled("Max. cached runs:", _number(5, fixed=True)),
            dialogs.labelled("Max. age (minutes):", _number(3, fixed=True)),
        ]
        return widgets.VBox(
            [
                dialogs.group("Protocol", protocol),
                dialogs.group("Misc", misc),
                dialogs.group("Result cache", cache),
            ]
        )

    def _configuration_page(self) -> widgets.Widget:
        port = next(p for p in self._product.other_ports if p.purpose == "Designer")
        self._tls_logon = _box(TLS_LOGON)
        self._tls_logon.observe(lambda _: self._follow(), names="value")
        methods = [
            _box("Windows credentials", ticked=True, fixed=True),
            _box("Custom credentials (Kerberos encryption)", fixed=True),
            self._tls_logon,
            widgets.HBox([self._selectors[TABS[0]]], layout={"padding": "0 0 0 24px"}),
            _box("Anonymous (no encryption)", fixed=True),
        ]
        connection = [dialogs.labelled("Port:", _number(port.number, fixed=True))]
        access = [_box("Restrict Designer access to the following users", fixed=True)]
        return widgets.VBox(
            [
                dialogs.group("Designer connection", connection),
                dialogs.group("Authentication methods", methods),
                dialogs.group("Access management", access),
            ]
        )

    def _question(self) -> Window:
        text = widgets.HTML(
            '<div style="display:flex;gap:14px;padding:8px 4px 10px;line-height:1.5">'
            '<span style="flex:none;width:32px;height:32px;border-radius:16px;'
            "background:#0078d7;color:#fff;font:bold 22px/32px Arial;"
            'text-align:center">?</span><span>Some of the changes need a restart of '
            "the server.<br>Restart it now?</span></div>"
        )
        feet: dict[str, Callable[[], None]] = {
            "Yes": lambda: self._answered(restart=True),
            "No": lambda: self._answered(restart=False),
        }
        return Window("Question", [text], feet, width="340px", default="No")

    def _follow(self) -> None:
        """Grey out what does not belong to the choice, as the window does."""
        tls = Protocol(self._protocol.value).tls
        self._http.disabled, self._https.disabled = tls, not tls
        self._selectors["Web Server"].disabled = not tls
        self._selectors[TABS[0]].disabled = not self._tls_logon.value

    def _edit_location(self) -> None:
        self._advice.value = ""
        self._location.ask(self._chosen[self._tab])

    def _take(self, thumbprint: str) -> None:
        self._chosen[self._tab], self._advice.value = thumbprint, ""

    def _judge(self, thumbprint: str) -> None:
        found = integrating.obstacles(
            self._machine,
            thumbprint,
            account=self._account,
            at=self._at,
            trusted=self._trusted,
        )
        self._advice.value = "".join(
            look.trouble(one.text, one.fix, "warn") for one in found
        ) or look.note("Nothing is in the way of this certificate.", "good")

    def _ok(self) -> None:
        logon = self._chosen[TABS[0]] if self._tls_logon.value else ""
        after = replace(
            self.saved,
            protocol=Protocol(self._protocol.value),
            http_port=self._http.value,
            https_port=self._https.value,
            web=self._chosen["Web Server"],
            designer=logon,
        )
        try:
            self.told = designer.consequences(
                self.settings, after, self._machine, host=self._host
            )
        except CertlibError as error:
            self.told, self._advice.value = (), look.failure(error)
            return
        self.saved = after
        self._say()
        if self.told:
            self._windows[2].appear()

    def _cancel(self) -> None:
        self._protocol.value = self.saved.protocol
        self._http.value = self.saved.http_port
        self._https.value = self.saved.https_port
        self._chosen = {TABS[0]: self.saved.designer, TABS[1]: self.saved.web}
        self._tls_logon.value = bool(self.saved.designer)
        self.told, self._advice.value = (), look.note("Nothing was changed.")

    def _answered(self, *, restart: bool) -> None:
        self._windows[2].vanish()
        if restart:
            self.settings = self.saved
            self.told = tuple(t for t in self.told if t != designer.RESTART)
        self._say()

    def _say(self) -> None:
        done = self.settings == self.saved
        tone: Tone = "good" if done else "warn"
        self._advice.value = "<br>".join(look.note(t, tone) for t in self.told)


def _number(value: int, *, fixed: bool = False) -> widgets.IntText:
    return widgets.IntText(value, disabled=fixed, layout={"width": "90px"})


def _box(text: str, *, ticked: bool = False, fixed: bool = False) -> widgets.Checkbox:
    return widgets.Checkbox(
        ticked,
        description=text,
        indent=False,
        disabled=fixed,
        layout={"width": "auto"},
    )
