"""Octets as the cases write them, and patterns of octets. README.md describes the notation."""

import re

FLAG = 0x7E
ANY, REST = "..", "*"
_TOKEN = re.compile(r"<[^<>]*>|\S+")
_REPEATED = re.compile(r"([0-9A-Fa-f]{2})\*(\d+)")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}|\.\.)+")
_BAD = ("!HCS", "!FCS")


class NotationError(ValueError):
    """A text that is no octets; the message says which."""


def fcs16(data):
    """CRC-16/X-25 bit by bit (IEC 62056-46 Annex A), low octet first."""
    crc = 0xFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return (crc ^ 0xFFFF).to_bytes(2, "little")


def frame(head, information=b"", segmented=False, bad=()):
    """7E format head [HCS information] FCS 7E; head: both addresses and the control octet.

    bad: "!HCS" and "!FCS" spoil the first bit of that check sequence.
    """
    size = 2 + len(head) + 2 + (len(information) + 2 if information else 0)
    made = bytes((0xA0 | segmented << 3 | size >> 8, size & 0xFF)) + head
    if information:
        made += _check(made, "!HCS" in bad) + information
    return bytes((FLAG,)) + made + _check(made, "!FCS" in bad) + bytes((FLAG,))


def _check(data, spoilt):
    low, high = fcs16(data)
    return bytes((low ^ spoilt, high))


def build(text):
    """The octets of a text without wildcards."""
    items = _items(text)
    if ANY in items or REST in items:
        raise NotationError(f"'{text}' is to be sent and has wildcards")
    return bytes(items)


def pattern(text):
    """What an answer must look like: a compiled expression for fullmatch, from one text or more."""
    texts = [text] if isinstance(text, str) else text
    return re.compile(b"|".join(b"(?:%s)" % _expression(_items(one)) for one in texts), re.DOTALL)


def _expression(items):
    known = {ANY: b".", REST: b".*"}
    return b"".join(known.get(item) or re.escape(bytes((item,))) for item in items)


def _items(text):
    """Octets as numbers, ANY and REST."""
    items = []
    for token in _TOKEN.findall(text):
        if token[0] == "<":
            items += _framed(token[1:-1])
        elif token == REST:
            items.append(REST)
        elif repeated := _REPEATED.fullmatch(token):
            items += [int(repeated[1], 16)] * int(repeated[2])
        elif token[0] == '"' and token[-1] == '"':
            items += token[1:-1].encode("ascii").replace(b"_", b" ")
        elif _HEX.fullmatch(token):
            pairs = (token[k : k + 2] for k in range(0, len(token), 2))
            items += [ANY if pair == ANY else int(pair, 16) for pair in pairs]
        else:
            raise NotationError(f"'{token}' is no octets")
    return items


def _framed(text):
    """The items of <[S] [!HCS] [!FCS] addresses control [| information]>."""
    words, _, information = text.partition("|")
    marks = [word for word in words.split() if word in ("S", *_BAD)]
    head = _items(" ".join(word for word in words.split() if word not in marks))
    tail = _items(information)
    if ANY not in head + tail and REST not in head + tail:
        return list(frame(bytes(head), bytes(tail), "S" in marks, marks))
    check = [ANY, ANY]
    high = 0xA8 if "S" in marks else 0xA0
    if REST not in head + tail:
        size = 4 + len(head) + (len(tail) + 2 if tail else 0)
        opening = [FLAG, high | size >> 8, size & 0xFF]
    else:
        opening = [FLAG, ANY, ANY]
    return opening + head + (check + tail if tail else []) + check + [FLAG]


def shown(octets):
    """Octets in hex, and as text where they are one."""
    text = octets.hex(" ").upper()
    if octets and all(32 <= octet & 0x7F < 127 or octet in b"\r\n\x02\x03\x06" for octet in octets):
        text += f"   {bytes(octet & 0x7F for octet in octets)!r}"
    return text or "(nothing)"
