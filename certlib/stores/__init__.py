r"""Stores: where a certificate lives on a machine.

A `Machine` has certificate stores, each with an address as PowerShell writes
it (``Cert:\LocalMachine\My``). Two kinds of machine keep the same contract:
`certlib.stores.windows`, the real one, and `certlib.stores.folder`, files on
disk, for computers without Windows and for exercises.
"""

from certlib.names.accounts import AccountKind as AccountKind
from certlib.names.accounts import account_meant as account_meant
from certlib.names.accounts import everybody_in as everybody_in
from certlib.names.accounts import for_icacls as for_icacls
from certlib.names.accounts import kind_of as kind_of
from certlib.names.addresses import INTERMEDIATE as INTERMEDIATE
from certlib.names.addresses import PERSONAL as PERSONAL
from certlib.names.addresses import TITLES as TITLES
from certlib.names.addresses import TRUSTED_ROOT as TRUSTED_ROOT
from certlib.names.addresses import StoreAddress as StoreAddress
from certlib.names.addresses import StoreLocation as StoreLocation
from certlib.names.addresses import entry_address as entry_address
from certlib.stores.contract import CertificateStore as CertificateStore
from certlib.stores.contract import KeyProvider as KeyProvider
from certlib.stores.contract import Machine as Machine
from certlib.stores.contract import StoreEntry as StoreEntry
from certlib.stores.contract import checked_account as checked_account
from certlib.stores.contract import elsewhere as elsewhere
from certlib.stores.contract import has as has
from certlib.stores.contract import key_provider as key_provider
from certlib.stores.contract import trust_of as trust_of
from certlib.stores.machines import practice_machine as practice_machine
from certlib.stores.machines import this_machine as this_machine
from certlib.stores.refusals import ElevationError as ElevationError
from certlib.stores.refusals import already_in_store as already_in_store
from certlib.stores.refusals import needed_by_every_key as needed_by_every_key
from certlib.stores.refusals import no_private_key as no_private_key
from certlib.stores.refusals import refuse_practice_key as refuse_practice_key
