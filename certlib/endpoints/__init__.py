"""Endpoints: what a TLS server presents, looked at as it is.

Nothing is verified here: an expired or self-signed certificate is read like
any other, so that somebody can be told what is wrong with it. The handshake
runs in memory (pyOpenSSL) on asyncio streams, so that hundreds of servers are
looked at at once and one that hangs costs nobody else's time.
"""

from certlib.endpoints.asking import Presented as Presented
from certlib.endpoints.endpoint import Endpoint as Endpoint
from certlib.endpoints.endpoint import Proxy as Proxy
from certlib.endpoints.endpoint import in_brackets as in_brackets
from certlib.endpoints.endpoint import is_url as is_url
from certlib.endpoints.endpoint import parse as parse
from certlib.endpoints.probing import AT_ONCE as AT_ONCE
from certlib.endpoints.probing import DEADLINE as DEADLINE
from certlib.endpoints.probing import look as look
from certlib.endpoints.probing import probe as probe
from certlib.endpoints.probing import probe_each as probe_each
from certlib.endpoints.probing import probe_many as probe_many
