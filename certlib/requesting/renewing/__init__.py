"""Renewing: how does a certificate stay valid with nobody there?

A run finds out whether a certificate is due, orders its successor, lays it where the
old one lies, opens its key to the same accounts, has the service take it, and looks
whether it answers. If it does not, everything is as it was. A run that was cut off is
gone on with by the next one, and nothing is ordered twice.
"""

from __future__ import annotations

from certlib.requesting.renewing.carrying import Kind as Kind
from certlib.requesting.renewing.carrying import Outcome as Outcome
from certlib.requesting.renewing.carrying import carry_out as carry_out
from certlib.requesting.renewing.due import FRACTION as FRACTION
from certlib.requesting.renewing.places import StorePlace as StorePlace
from certlib.requesting.renewing.places import place as place
from certlib.requesting.renewing.plans import Job as Job
from certlib.requesting.renewing.plans import Plan as Plan
from certlib.requesting.renewing.plans import plan as plan
from certlib.requesting.renewing.service import Service as Service
