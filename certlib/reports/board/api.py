"""Questions and orders of the page, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import tornado.web

from certlib import clock, files, texts
from certlib.auditing import notes, notifying
from certlib.auditing.comparing import Changed
from certlib.auditing.notes import Note
from certlib.errors import CertlibError, InputError
from certlib.parsers import JSON_ERRORS
from certlib.reports.board import details
from certlib.reports.board.handlers import Handler
from certlib.reports.board.listing import GROUPS, ORDERS, Query
from certlib.reports.board.memory import Memory
from certlib.reports.board.wishes import Wish

_MOST_LINES = 200
"""Of what was not read; reports have all of them."""


def _shown(value: Any) -> Any:
    """Return an answer whose texts, be they a stranger's, are shown without harm."""
    if isinstance(value, str):
        return texts.shown_lines(value)
    if isinstance(value, dict):
        return {texts.shown(key): _shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return value


class Api(Handler):
    """Questions and orders of the page, as JSON."""

    async def get(self, name: str) -> None:
        """Answer a question."""
        await self._tried(
            {
                "state": self._state,
                "about": self._about,
                "rows": self._rows,
                "detail": self._detail,
                "history": self._told,
                "views": lambda: dict(self.session.views.named),
            }.get(name)
        )

    async def post(self, name: str) -> None:
        """Carry out an order."""
        # Another page can send neither this header nor a cookie from elsewhere.
        if self.request.headers.get("X-Certlib") != "board":
            raise tornado.web.HTTPError(403)
        await self._tried(
            {
                "audit": self._audit,
                "stop": self._stop,
                "accept": self._accept,
                "select": self._select,
                "upload": self._upload,
                "forget": self._forget,
                "compare": self._compare,
                "history": self._remember,
                "note": self._note,
                "views": self._keep_view,
                "message": self._message,
                "notify": self._notify,
                "lint": self._lint,
            }.get(name)
        )

    async def _tried(self, act: Callable[[], dict[str, Any]] | None) -> None:
        if act is None:
            raise tornado.web.HTTPError(404)
        try:
            self.finish(json.dumps(_shown(act()), default=str))
        except CertlibError as error:
            self.set_status(400)
            self.finish({"error": error.message, "fix": error.fix})
        except JSON_ERRORS:
            self.set_status(400)
            self.finish(
                {"error": "the page asked for something odd", "fix": "reload it"}
            )

    def _state(self) -> dict[str, Any]:
        session, listing = self.session, self.session.listing
        error = session.error
        return {
            "running": session.running,
            "found": session.found,
            "error": error and {"error": error.message, "fix": error.fix},
            "listed": session.wish is session.asked,
            "total": len(listing.results),
            "places": sum(len(one.places) for one in listing.results),
            "counts": listing.counts,
            "uploads": list(session.uploads),
            "passphrases": len(session.passphrases),
            "at": clock.minute(session.context.at),
            "selected": len(session.selected),
        }

    def _about(self) -> dict[str, Any]:
        about, results = self.session.about(), self.session.listing.results
        end = about.end(results)
        return {
            "head": about.head(results),
            "end": end[-_MOST_LINES:],
            "more": max(0, len(end) - _MOST_LINES),
            "changes": about.changes and self._changed(about.changes),
            "compared_with": about.compared_with,
        }

    def _rows(self) -> dict[str, Any]:
        listing, query = self.session.listing, self._query()
        rows = listing.rows(query)
        start = int(self.get_query_argument("start", "0"))
        length = min(int(self.get_query_argument("length", "50")), 500)
        shown = rows[start : start + length]
        return {
            "total": len(listing.results),
            "found": len(rows),
            "rows": [self._row(number, group) for number, group in shown],
            "bars": [asdict(bar) for bar in listing.bars(query)],
        }

    def _row(self, number: int, group: str) -> dict[str, Any]:
        listing = self.session.listing
        one = listing.results[number]
        name = listing.names[number]
        others = [n for n in one.summary.server_names or () if n != name]
        return {
            "number": number,
            "group": group,
            "selected": number in self.session.selected,
            "severity": listing.severities[number],
            "name": name,
            "others": others[:4],
            "places": one.places[:3],
            "more": max(0, len(one.places) - 3),
            "ends": listing.end(number),
            "days": listing.days_left(number),
            "findings": listing.sentences(number),
            "note": str(listing.owners[number] or ""),
        }

    def _detail(self) -> dict[str, Any]:
        listing = self.session.listing
        number = self._number(self.get_query_argument("number"))
        return {"html": details.page(listing, number, self.session)}

    def _lint(self) -> dict[str, Any]:
        one = self.session.listing.results[self._number(self._sent["number"])]
        return {"remarks": details.deep_look(one)}

    def _number(self, sent: object) -> int:
        number = int(str(sent))
        if not 0 <= number < len(self.session.listing.results):
            raise IndexError
        return number

    def _query(self) -> Query:
        def asked(name: str) -> str:
            return self.get_query_argument(name, "")

        def day(name: str) -> date | None:
            return date.fromisoformat(asked(name)) if asked(name) else None

        order = asked("order") if asked("order") in ORDERS else "severity"
        group = asked("group") if asked("group") in GROUPS else ""
        return Query(
            asked("words"),
            asked("severity"),
            day("begin"),
            day("end"),
            group,
            order,
            asked("descending") == "true",
        )

    @property
    def _sent(self) -> dict[str, Any]:
        sent = json.loads(self.request.body)
        if not isinstance(sent, dict):
            raise TypeError
        return sent

    def _audit(self) -> dict[str, Any]:
        sent = self._sent
        if sent["passphrases"]:
            lines = str(sent["passphrases"]).splitlines()
            self.session.passphrases = tuple(filter(None, lines))
        self.session.start(
            Wish(
                tuple(str(sent["paths"]).splitlines()),
                str(sent["store"]),
                str(sent["servers"]),
                str(sent["server_name"]),
                str(sent["product"]),
                str(sent["environment"]),
                int(sent["days"]) if sent["days"] else None,
                tuple(str(sent["roots"]).splitlines()),
                tuple(str(sent["lists"]).splitlines()),
                "online" in sent,  # browsers leave a box out that is not ticked
            )
        )
        return self._state()

    def _stop(self) -> dict[str, Any]:
        self.session.stop()
        return self._state()

    def _accept(self) -> dict[str, Any]:
        sent = self._sent
        until = date.fromisoformat(sent["until"])
        self.session.accept(
            self._number(sent["number"]),
            str(sent["rule"]),
            str(sent["reason"]),
            until,
            str(sent.get("place", "")),
            str(sent.get("by", "")).strip(),
        )
        return self._state()

    def _keep_view(self) -> dict[str, Any]:
        sent = self._sent
        self.session.views.keep(str(sent["name"]), str(sent["view"]))
        return dict(self.session.views.named)

    def _note(self) -> dict[str, Any]:
        sent = self._sent
        self.session.note(Note(*(str(sent[name]) for name in notes.COLUMNS)))
        return self._state()

    def _remember(self) -> dict[str, Any]:
        sent = self._sent
        history, listed = (texts.pasted(str(sent[n])) for n in ("history", "notes"))
        self.session.remember(
            Memory(
                files.named(history) if history else None,
                files.named(listed) if listed else None,
            )
        )
        return self._told()

    def _told(self) -> dict[str, Any]:
        return self.session.memory.told(clock.now())

    def _message(self) -> dict[str, Any]:
        """Return what would be told of the rows that are ticked, or shown."""
        session, listing = self.session, self.session.listing
        shown = dict.fromkeys(n for n, _ in listing.rows(self._query()))
        numbers = sorted(session.selected) or list(shown)
        at, owners = session.context.at, session.memory.owners
        wrong = notifying.of_audit([listing.results[n] for n in numbers], at)
        scope = "; ".join(session.evidence.asked)
        title, text = notifying.message(scope, wrong, owners, what="finding")
        notes_ = (listing.owners[n] for n in numbers)
        owned = Counter(n.owner if n else "" for n in notes_)
        return {
            "title": title,
            "text": text,
            "owners": [[who or "nobody", of_it] for who, of_it in owned.most_common()],
            "certificates": len(numbers),
            "findings": len(wrong),
        }

    def _notify(self) -> dict[str, Any]:
        said, to = self._message(), str(self._sent["to"]).strip()
        if not said["findings"]:
            raise InputError("nothing is wrong there", fix="show or tick other rows")
        if not (to and notifying.send(to, said["title"], said["text"])):
            raise InputError(
                "the message was not delivered",
                fix="check the address: https://appriseit.com/services/ lists them",
            )
        return said

    def _select(self) -> dict[str, Any]:
        sent, selected = self._sent, self.session.selected
        if sent.get("none"):
            selected.clear()
        elif sent["on"]:
            selected.add(self._number(sent["number"]))
        else:
            selected.discard(int(sent["number"]))
        return self._state()

    def _upload(self) -> dict[str, Any]:
        for file in self.request.files.get("file", ()):
            name = texts.shown(str(file["filename"]))
            self.session.uploads[name] = bytes(file["body"])
        return self._state()

    def _forget(self) -> dict[str, Any]:
        sent = self._sent
        self.session.uploads.pop(str(sent.get("name", "")), None)
        if sent.get("passphrases"):
            self.session.passphrases = ()
        return self._state()

    def _compare(self) -> dict[str, Any]:
        changes = self.session.compare(Path(texts.pasted(self._sent["path"])))
        return {"changes": self._changed(changes)}

    def _changed(self, changes: Iterable[Changed]) -> list[list[str]]:
        return [[str(c.change), c.subject, c.place, c.detail] for c in changes]
