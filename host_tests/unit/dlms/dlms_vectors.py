# Vectors of other programs and how to talk to a door; shared by the tests of the dlms room.
import json

_ROOT = __file__.replace("\\", "/").rsplit("/unit/", 1)[0]


def unhex(text):
    """Octets of a hex string."""
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def hexed(octets):
    """Hex of octets as a str; MicroPython's bytes.hex() of nothing is bytes."""
    return "".join(["%02X" % octet for octet in octets])


def vectors():
    """Name -> octets of every vector."""
    with open(_ROOT + "/vectors/dlms.json") as f:
        return {v["name"]: unhex(v["hex"]) for v in json.load(f)["vectors"]}


def exchange(door, octets, now_ms=0, size=300):
    """Everything a door answers to octets that arrive at once."""
    out = bytearray(size)
    door.feed(octets, len(octets), now_ms)
    answer = b""
    while True:
        n = door.reply(out)
        if not n:
            return answer
        answer += bytes(out[:n])
