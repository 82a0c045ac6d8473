"""The cases: reads cases/*.toml and catalogue.toml, and says what is wrong with them."""

import sys
from pathlib import Path

import octets

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HERE = Path(__file__).resolve().parent
TARGETS = ("host", "pico")
# Where a case begins: on the optical port in front of HDLC, or on a link and behind it.
SIGN_ON = ("idle", "identified", "mode-E")
LINK = ("", "NDM", "NRM", "associated", "reader", "configurator")
_REASONS = ("waits_for", "not_applicable")
_WAITING = ("ciphering", "HLS", "short names", "class ")
_FIELDS = {
    "id": str, "title": str, "on": list, "pre": str, "port": str, "steps": list, "deviates": str,
    "waits_for": str, "not_applicable": str, "config": dict, "client": int, "server": str,
    "conformance": str, "max_pdu": int, "max_info": int, "window": int,
}  # fmt: skip
# The first name of a step says what it does; the others go with it.
_STEPS = {
    "frame": ("slow_ms",), "damaged": (), "expect": (), "silence": (), "wait_ms": (), "baud": (),
    "apdu": ("answer", "no_answer"), "get": ("value", "result"), "pre": (), "state": (),
}  # fmt: skip


class CaseError(ValueError):
    """Something is wrong with a case; one sentence with the file and the id."""


class Case:
    """One case of the catalogue: either steps, or the reason why there are none."""

    def __init__(self, fields, shown):
        self.shown = shown
        self.fields = fields
        self._check_fields()
        self.id, self.title = fields["id"], fields["title"]
        self.on = tuple(fields.get("on", ("host",)))
        self.pre = fields.get("pre", "")
        self.port = fields.get("port", "optical" if self.pre in SIGN_ON else "rs485")
        self.steps = fields.get("steps", [])
        self.waits_for = fields.get("waits_for", "")
        self.not_applicable = fields.get("not_applicable", "")
        self.deviates = fields.get("deviates", "")
        self.config = {name: _plain(value) for name, value in fields.get("config", {}).items()}
        self._check()
        for number, step in enumerate(self.steps, 1):
            self._check_step(number, step)

    def get(self, name, default=None):
        return self.fields.get(name, default)

    def _wrong(self, what):
        raise CaseError(f"{self.shown}: case {self.fields.get('id', '?')}: {what}.")

    def _check_fields(self):
        for name, value in self.fields.items():
            if name not in _FIELDS:
                self._wrong(f"there is no '{name}'")
            if type(value) is not _FIELDS[name]:
                self._wrong(f"'{name}' is a {_FIELDS[name].__name__}")
        for name in ("id", "title"):
            if not self.fields.get(name):
                self._wrong(f"it has no '{name}'")

    def _check(self):
        ways = [name for name in ("steps", *_REASONS) if self.fields.get(name)]
        if len(ways) != 1:
            self._wrong("it has one of steps, waits_for and not_applicable")
        if self.waits_for and not self.waits_for.startswith(_WAITING):
            self._wrong(f"waits_for is one of {', '.join(_WAITING)}")
        if not set(self.on) <= set(TARGETS):
            self._wrong(f"'on' is of {', '.join(TARGETS)}")
        if self.pre not in SIGN_ON + LINK:
            self._wrong(f"there is no '{self.pre}' to begin with")
        if self.config and self.on != ("host",):
            self._wrong("only the host can have another 'config'")

    def _check_step(self, number, step):
        kind = next(iter(step), None)
        if kind not in _STEPS:
            self._wrong(f"step {number} is a '{kind}', which there is not")
        allowed = (kind, *_STEPS[kind], "times")
        if extra := [name for name in step if name not in allowed]:
            self._wrong(f"step {number} has a '{extra[0]}'")
        try:
            self._check_octets(step)
        except octets.NotationError as error:
            self._wrong(f"step {number}: {error}")

    def _check_octets(self, step):
        for name in ("frame", "damaged", "apdu"):
            if name in step:
                octets.build(step[name])
        for name in ("expect", "answer", "value"):
            if name in step:
                octets.pattern(step[name])
        if "get" in step:
            descriptor(step["get"])


def _plain(value):
    """Values for firmware/config.py: its texts are octets."""
    return value.encode("ascii") if isinstance(value, str) else value


def descriptor(text):
    """"8 0-0:1.0.0.255 2" -> the nine octets of a Cosem-Attribute-Descriptor."""
    try:
        class_id, name, attribute = text.split()
        parts = [int(part) for part in name.replace("-", ".").replace(":", ".").split(".")]
        made = int(class_id).to_bytes(2, "big") + bytes(parts) + bytes((int(attribute) & 0xFF,))
    except ValueError:
        made = b""
    if len(made) != 9:
        raise octets.NotationError(f"'{text}' is no attribute; '8 0-0:1.0.0.255 2' is one")
    return made


def _read(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{path.name}: {error}.") from None


def load():
    """All cases of the files, in their order."""
    found = []
    for path in sorted((_HERE / "cases").glob("*.toml")):
        found += [Case(fields, path.name) for fields in _read(path).get("case", [])]
    seen = set()
    for case in found:
        if case.id in seen:
            raise CaseError(f"{case.shown}: case {case.id} is there twice.")
        seen.add(case.id)
    return found


def catalogue():
    """The sections of catalogue.toml: number, name, cases with id and title."""
    return _read(_HERE / "catalogue.toml")["section"]
