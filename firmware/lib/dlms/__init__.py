"""The dlms room: bytes in, bytes out. Pure: no machine, no clock of its own, no print.

    UART bytes                                                    objects (cosem)
        |                                                              ^
        v                                                              |
    optical -> signon            IEC 62056-21 mode E, then HDLC        |
        |        +-> readout     or the data readout of modes C, A ----+
        v                                                              |
    hdlc (link state) -> server (APDU in, APDU out) -> association     |
        |     ^                |                        acse, initiate |
        v     |                |                        throttle       |
    frame     | wrapper        +------> get, set, action, access ------+
    station   | (TCP, UDP)     |                  | one object a service
    numbered  |                v                  v
    snrm      +---- general_blocks    blocks (long answers), staging (long requests)

Leaves, imported from anywhere: fcs (viper), axdr, shape, errors.
Every door has three verbs: feed(buf, n, now_ms), reply(out) -> n, tick(now_ms).
"""
