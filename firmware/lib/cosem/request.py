# What one attribute access consists of; shared by the service layer and the class files.
#
# The service layer owns one Request per channel and fills it through dispatch.open. A value is
# handed out in pieces of at most 256 octets: piece k is a function of (row, attribute, k), so a
# long value is never whole in RAM and a lost block can be made again.
#
#   dispatch.open(q, buf, pos)     -> data-access-result; sets row, attribute, piece = 0
#   pos = dispatch.get(q, out, pos)   writes piece q.piece at pos
#       q.result != 0                 failed, pos unchanged: answer with that data-access-result
#       q.more                        q.piece += 1 and call again for what follows


class Request:
    """One access to one attribute.

    association: row of the association that asks, -1 = none
    row, attribute, piece, more, result: see above; result 0 = success
    selector, buf, pos, end: selective access, selector 0 = none, its Data at buf[pos:end]
    link: live state of the association that asks; it has the attributes index (row of the
    association), status (0 none, 1 pending, 2 associated), conformance (24-bit integer, bit 0 of
    the standard is 0x800000), max_pdu_rx and max_pdu_tx (octets, seen from the meter)
    """

    def __init__(self, link):
        self.link = link
        self.association = -1
        self.row = -1
        self.attribute = 0
        self.piece = 0
        self.more = False
        self.result = 0
        self.selector = 0
        self.buf = None
        self.pos = 0
        self.end = 0
