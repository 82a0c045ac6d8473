"""Host tools of Microcosem.

    reader   command line: sign on, associate, read, print
    client   one session with a meter: the order of the messages and the waiting
    wrapper  the same over TCP, without a link
    wire     the port: bytes out, bytes in, echo, trace
    modee    IEC 62056-21 sign-on         | bytes in, bytes out:
    hdlc     frames and addresses         | no port, no clock
    link     sequence numbers, segments   |
    apdu     association, GET, ACTION     |
    axdr     Data to Python values        |
    names    OBIS codes, names and units
    values   a register's value, a date: what a person reads
    target   start and stop a meter: host, unix, pico
    control  the control socket of a target
    package  the image of a firmware, as octets
    image    command line: build an image, send it, tell about it
    run, demo, bench   commands over the above

Nothing here imports the firmware: this is the independent view of the wire.
"""
