"""Sessions of the project's own reader, for comparison with the foreign clients."""

import contextlib

from microcosem.client import open_session
from microcosem.hdlc import server_address
from microcosem.link import Link
from microcosem.wire import Wire

_PATIENCE_S = 15.0  # an emulated board on a loaded machine may be far slower than a real one
PASSWORD = b"12345678"  # of the reader, firmware/meter.toml


@contextlib.contextmanager
def session(url, mode_e=False, client=32, password=PASSWORD, size=1, max_info=128, window=1,
            max_pdu=1024, timeout_s=3.0, lower=17, address=""):  # fmt: skip
    """An associated session; closed at the end."""
    link = Link(client, server_address(1, lower if size > 1 else 0, size), max_info, window)
    made = open_session(Wire(url), link, mode_e=mode_e, address=address, timeout_s=timeout_s)
    made.timeout_s = _PATIENCE_S
    try:
        made.associate(password, max_pdu=max_pdu)
        yield made
    finally:
        made.close()


def at_rest(target):
    """Waits until the optical port is back at the sign-on; behind a session it takes two seconds."""
    with target.control() as control:
        while control.ask("uart", port="optical")["baud"] not in range(295, 306):
            control.wait(0.1)
