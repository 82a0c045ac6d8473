# Leaf: violations of the protocol. One family, raised anywhere in dlms, caught once in server.py.
#
# Each class carries the two octets of EXCEPTION-RESPONSE, D8 state service (Green Book 9.5):
#   state    1 service-not-allowed, 2 service-unknown
#   service  1 operation-not-possible, 2 service-not-supported, 3 other-reason, 4 pdu-too-long
# Raised as classes, without text: nobody reads it on the wire and it would cost heap.


class ProtocolError(Exception):
    """Base of the family; also what a malformed APDU of a known service becomes."""

    state = 1
    service = 2


class NotAssociated(ProtocolError):
    """A service request outside an association: D8 01 02."""


class NotNegotiated(ProtocolError):
    """A service that the conformance block of this association does not hold: D8 01 02."""


class UnknownApdu(ProtocolError):
    """A tag that is no DLMS APDU of this server: D8 02 02."""

    state = 2
    service = 2


class NotPossible(ProtocolError):
    """A good request that cannot be served now, or a transfer that cannot go on: D8 01 01."""

    service = 1


class PduTooLong(ProtocolError):
    """A request that outgrows what this server takes, or an answer that outgrows what the client
    takes and cannot go in blocks: D8 01 04."""

    service = 4


class OwnBug(ProtocolError):
    """Our own mistake while serving; the association is gone: D8 01 03."""

    service = 3
