# Where a request that comes in parts, or that is needed until its long answer has gone, is kept.
#
# One buffer for the whole meter, as large as the largest request: two clients on two lines seldom
# send long requests at the same moment, and the second is told so. Who claims it releases it: at
# the end, on abort, and with the association. No time-out of its own: an owner that went silent
# loses it with its link (class 23, inactivity time-out).
buf = bytearray(0)
_owner = None


def reserve(size: int):
    """Make room for requests of size octets; called once per server, at start."""
    global buf
    if size > len(buf):
        buf = bytearray(size)


def claim(owner) -> bool:
    """Take the buffer for owner, any object; False while somebody else has it."""
    global _owner
    if _owner is not None and _owner is not owner:
        return False
    _owner = owner
    return True


def release(owner):
    """Give it back if it is owner's. The octets stay until the next claim."""
    global _owner
    if _owner is owner:
        _owner = None
