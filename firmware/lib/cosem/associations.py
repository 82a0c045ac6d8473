# Associations as rows of the generated table: who may connect, with what, and what he may do.
#
# Row of ASSOCIATIONS, 19 octets:
#    0 client SAP u8 | 1 server SAP u16 | 3 context u8 | 4 mechanism u8 | 5 conformance u24
#    8 secret: offset in SECRETS u16 | 10 its length u8
#   11 first row u16 | 13 last row + 1 u16     rows of its logical device
#   15 start in VIEWS u16 | 17 count u16       rows it may see, two octets each, in table order
# Right in ACCESS, 8 octets for each (profile, association):
#    0 attributes u8 | 1 methods u8 | 2 readable u16 | 4 writable u16 | 6 methods allowed u16
#    bit k = attribute k + 1 or method k + 1; all three zero = the association does not see it
from micropython import const

from cosem import value
from cosem.table import ACCESS, ASSOCIATIONS, ROWS, SECRETS, VIEWS

_STRIDE = const(19)
_CLIENT = const(0)
_SERVER = const(1)
_CONTEXT = const(3)
_MECHANISM = const(4)
_CONFORMANCE = const(5)
_SECRET = const(8)
_SECRET_SIZE = const(10)
_FIRST_ROW = const(11)
_LAST_ROW = const(13)
_VIEW = const(15)
_VIEW_SIZE = const(17)
_ROW_PROFILE = const(9)
_CLASS_ASSOCIATION = const(15)
_SECRET_ATTRIBUTE = const(7)  # of that class

# Class -> the attribute that has selective access.
SELECTIVE = {7: 2, 26: 4}

_count = len(ASSOCIATIONS) // _STRIDE

# Live associations of every channel: the doors add their link here once, at start.
links = []


def _u16(at: int) -> int:
    return ASSOCIATIONS[at] << 8 | ASSOCIATIONS[at + 1]


def count() -> int:
    """Number of associations the meter knows."""
    return _count


def select(client_sap: int, server_sap: int) -> int:
    """Association of this client with this logical device, -1 = nobody we know."""
    for a in range(count()):
        if client(a) == client_sap and server(a) == server_sap:
            return a
    return -1


def device(server_sap: int) -> bool:
    """True when a logical device has this SAP."""
    for a in range(count()):
        if server(a) == server_sap:
            return True
    return False


def rows_of(server_sap: int) -> int:
    """Row behind the last one of the logical device with this SAP, 0 = no such device."""
    for a in range(count()):
        if server(a) == server_sap:
            return last_row(a)
    return 0


def client(a: int) -> int:
    """Client SAP."""
    return ASSOCIATIONS[a * _STRIDE + _CLIENT]


def server(a: int) -> int:
    """Server SAP: the logical device."""
    return _u16(a * _STRIDE + _SERVER)


def context(a: int) -> int:
    """Last arc of the application context name: 1 LN, 3 LN with ciphering."""
    return ASSOCIATIONS[a * _STRIDE + _CONTEXT]


def mechanism(a: int) -> int:
    """Last arc of the authentication mechanism name: 0 lowest, 1 LLS."""
    return ASSOCIATIONS[a * _STRIDE + _MECHANISM]


def conformance(a: int) -> int:
    """Services the meter offers in this association, 24 bits, bit 0 of the standard first."""
    at = a * _STRIDE + _CONFORMANCE
    return ASSOCIATIONS[at] << 16 | _u16(at + 1)


def secret_equal(a: int, buf, pos: int, n: int) -> bool:
    """Is buf[pos:pos+n] the secret? Time depends on n alone, which the asker knows."""
    at = a * _STRIDE
    secrets = SECRETS
    start = _u16(at + _SECRET)
    size = ASSOCIATIONS[at + _SECRET_SIZE]
    if size == 0:
        return False
    row = own_row(a)
    changed = value.kept(row, _SECRET_ATTRIBUTE) if row >= 0 else None
    if changed is not None:  # 09 n secret, n below 128
        secrets = changed
        start = 2
        size = changed[1]
    different = n ^ size
    for i in range(n):
        different |= buf[pos + i] ^ secrets[start + i % size]
    return different == 0


def has_secret(a: int) -> bool:
    """Does the association ask for one?"""
    return ASSOCIATIONS[a * _STRIDE + _SECRET_SIZE] > 0


def own_row(a: int) -> int:
    """Row of the association's 0-0:40.0.n.255 if a secret can be kept in it, else -1."""
    for row in range(first_row(a), last_row(a)):
        at = row * 16
        if ROWS[at] == 0 and ROWS[at + 1] == _CLASS_ASSOCIATION and value.argument(row) == a + 1:
            return row if value.has(row, _SECRET_ATTRIBUTE) else -1
    return -1


def first_row(a: int) -> int:
    """First row of the association's logical device."""
    return _u16(a * _STRIDE + _FIRST_ROW)


def last_row(a: int) -> int:
    """Row behind the last one of the association's logical device."""
    return _u16(a * _STRIDE + _LAST_ROW)


def visible_count(a: int) -> int:
    """Objects the association may see."""
    return _u16(a * _STRIDE + _VIEW_SIZE)


def visible_row(a: int, k: int) -> int:
    """Row of the k-th of them, k from 0."""
    at = (_u16(a * _STRIDE + _VIEW) + k) * 2
    return VIEWS[at] << 8 | VIEWS[at + 1]


def rights(a: int, row: int) -> int:
    """Place in ACCESS of the association's rights on this row."""
    return (ROWS[row * 16 + _ROW_PROFILE] * _count + a) * 8


def visible(at: int) -> bool:
    """May the association see that the object exists? at from rights()."""
    table = ACCESS  # cached
    return bool(table[at + 2] | table[at + 3] | table[at + 4] | table[at + 5]
                | table[at + 6] | table[at + 7])


def readable(at: int) -> int:
    """Attributes that may be read, bit k = attribute k + 1."""
    return ACCESS[at + 2] << 8 | ACCESS[at + 3]


def writable(at: int) -> int:
    """Attributes that may be written, bit k = attribute k + 1."""
    return ACCESS[at + 4] << 8 | ACCESS[at + 5]


def callable_methods(at: int) -> int:
    """Methods that may be called, bit k = method k + 1."""
    return ACCESS[at + 6] << 8 | ACCESS[at + 7]


def live_link(a: int, own):
    """State of association a: the asker's own link, another channel's, or None when closed."""
    if own.index == a:
        return own
    for link in links:
        if link.index == a and link.status:
            return link
    return None
