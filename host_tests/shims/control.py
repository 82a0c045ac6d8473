"""The control door of an interpreted meter: the emulated board's requests, as far as they apply.

JSON lines in, one JSON line out each: {"ok": true, ...} or {"ok": false, "error": "sentence"}.
"""

import json

import wires
from mains import CHANNELS, mains

_LINES = ("optical", "rs485")
_PINS = 30


class Refusal(Exception):
    """A request that cannot be done, with the sentence that says why."""


def _number(request, name, default):
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal(name + " is a number")
    return value


def _set(request):
    name = request.get("channel")
    if name not in CHANNELS:
        raise Refusal("channel is one of v, i1, i2")
    harmonics = request.get("harmonics", [])
    for one in harmonics:
        if len(one) < 2 or one[0] < 2:
            raise Refusal("a harmonic is [order from 2, fraction of the fundamental, degrees]")
    numbers = [_number(request, key, 0) for key in ("rms", "phase_deg", "dc")]
    mains.set_channel(name, numbers[0], numbers[1], harmonics, numbers[2])
    return {}


def _frequency(request):
    hz = _number(request, "hz", None)
    if not 0 <= hz <= 1000:
        raise Refusal("hz is 0 to 1000")
    mains.set_frequency(hz)
    return {}


def _adc(request):
    mains.set_switches(request)
    return dict(mains.switches)


def _time(request):
    return {"time_us": mains.time_us(), "power": True, "watchdog_resets": 0}


def _injected(request):
    made = mains.injected()
    if request.get("reset"):
        mains.reset_energy()
    return made


def _uart(request):
    if request.get("port") not in _LINES:
        raise Refusal("port is one of optical, rs485")
    wire = wires.wires[_LINES.index(request["port"])]
    baud, bits, parity = wire.line or (0, 8, "none")
    return {
        "enabled": wire.line is not None,
        "baud": baud,
        "bits": bits,
        "parity": parity,
        "rx": wire.received,
        "tx": wire.sent,
        "overruns": 0,
        "parity_errors": 0,
        "framing_errors": 0,
        "breaks": 0,
    }


def _gpio(request):
    # Imported here: machine imports this module.
    import machine

    pin = request.get("pin")
    if not isinstance(pin, int) or isinstance(pin, bool) or not 0 <= pin < _PINS:
        raise Refusal("pin is 0 to 29")
    if "drive" in request:
        if request["drive"] not in (0, 1, None):
            raise Refusal("drive is 0, 1 or null")
        if request["drive"] is None:
            machine.Pin.states.pop(pin, None)
        else:
            machine.Pin.states[pin] = request["drive"]
    return {"level": machine.Pin.states.get(pin, 0)}


_COMMANDS = {
    "set": _set,
    "frequency": _frequency,
    "adc": _adc,
    "time": _time,
    "injected": _injected,
    "uart": _uart,
    "gpio": _gpio,
}


def answer(line):
    """Answer to one request, a dict."""
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        return {"ok": False, "error": "a request is one JSON object on a line"}
    command = _COMMANDS.get(str(request.get("cmd")))
    if command is None:
        names = ", ".join(sorted(_COMMANDS)) + ", stop, wait"
        return {"ok": False, "error": "this target has no such command; it has " + names}
    try:
        made = command(request)
    except Refusal as error:
        return {"ok": False, "error": str(error)}
    except (TypeError, ValueError, IndexError):
        return {"ok": False, "error": "the request has a value of the wrong kind"}
    made["ok"] = True
    return made


class Client:
    """One connection; answers leave in the order of the requests."""

    def __init__(self, client):
        self.client = client
        self.rest = b""
        self.out = b""
        self.due_us = None  # a wait under way

    def pump(self):
        """False when the client has left."""
        data = wires.receive(self.client)
        if data == b"":
            self.client.close()
            return False
        self.rest += data or b""
        while self._next():
            pass
        if self.out:
            self.out = self.out[wires.send(self.client, self.out) :]
        return True

    def _next(self):
        if self.due_us is not None:
            if mains.time_us() < self.due_us:
                return False
            self.due_us = None
            self._say({"ok": True, "time_us": mains.time_us()})
        end = self.rest.find(b"\n")
        if end < 0:
            return False
        line, self.rest = self.rest[:end], self.rest[end + 1 :]
        self._serve(line)
        return True

    def _serve(self, line):
        made = self._special(line)
        if made is None:
            made = answer(line)
        if made:
            self._say(made)

    def _special(self, line):
        # wait answers later and stop ends the meter: {} = nothing to say now.
        try:
            request = json.loads(line)
            name = request["cmd"]
        except (ValueError, TypeError, KeyError):
            return None
        if name == "wait" and isinstance(request.get("us"), (int, float)) and request["us"] >= 0:
            self.due_us = mains.time_us() + request["us"]
            return {}
        if name == "stop":
            wires.send(self.client, b'{"ok": true}\n')
            raise SystemExit(0)
        return None

    def _say(self, made):
        self.out += json.dumps(made).encode() + b"\n"


class Control:
    """The control door: any number of clients."""

    def __init__(self, port):
        self.server, self.port = wires.listen(port)
        self.clients = []

    def pump(self):
        client = wires.accept(self.server)
        if client is not None:
            self.clients.append(Client(client))
        self.clients = [one for one in self.clients if one.pump()]


door = None  # start.py puts a Control here


def pump():
    """Serve the control door, if there is one."""
    if door is not None:
        door.pump()
