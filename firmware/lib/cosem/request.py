# What one access consists of; shared by the service layer and the class files.
#
# The service layer owns one Request per service and fills it through dispatch.open. A value is
# handed out in pieces of at most 256 octets: piece k is a function of (row, attribute, k), so a
# long value is never whole in RAM.
#
#   dispatch.open(q, buf, pos, operation)  -> result; sets row, attribute, piece = 0
#   pos = dispatch.get(q, out, pos)      writes piece q.piece of the attribute at pos
#       q.result != 0                      failed, pos unchanged: answer with that result
#       q.more                             q.piece += 1 and call again for what follows
#   dispatch.set(q, buf, pos, end)         -> result; sets the attribute to the Data there
#   dispatch.act(q, buf, pos, end)         -> result; calls the method, pos = end: no parameter
#       q.returns                          it returns Data: dispatch.returned(q, out, pos) writes
#                                          its pieces as get does; buf[pos:end] must still be there
# A result is a data-access-result, for ACTION an action-result; 0 is success.


class Request:
    """One access to one attribute or method.

    association: row of the association that asks, -1 = none
    row, attribute, piece, more, result, returns: see above; attribute is the method for ACTION
    octets: of the value being sent, when the class file holds on to them
    every: attribute 0 was asked for; attribute goes from 0 (head) to the last one
    dry: a set only checks
    selector, buf, pos, end: selective access, selector 0 = none, its Data at buf[pos:end]; for
    ACTION the parameter at buf[pos:end]
    link: live state of the association that asks; it has the attributes index (row of the
    association), status (0 none, 1 pending, 2 associated), conformance (24-bit integer, bit 0 of
    the standard is 0x800000), max_pdu_rx and max_pdu_tx (octets, seen from the meter)
    """

    def __init__(self, link):
        self.link = link
        self.association = -1
        self.row = -1
        self.attribute = 0
        self.octets = None
        self.every = False
        self.dry = False
        self.piece = 0
        self.more = False
        self.returns = False
        self.result = 0
        self.selector = 0
        self.buf = None
        self.pos = 0
        self.end = 0
