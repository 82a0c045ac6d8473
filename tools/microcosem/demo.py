"""Shows the meter at work: python -m microcosem.demo

Starts the emulated board, puts voltage and currents on its inputs, reads it through the optical
port (IEC 62056-21 mode E, password) and compares what it says with what was put in.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from .client import Session, open_session
from .control import Control
from .errors import ReaderError
from .hdlc import server_address
from .link import Link
from .names import parse
from .reading import read_value
from .target import Options, Target
from .wire import Wire

_LIMIT_PERCENT = 1.0
_SETTLE_S = 3.0  # simulated: more than two windows of the measurement
_READER, _PASSWORD = 32, b"12345678"  # firmware/meter.toml
_REGISTER = 3
_ENERGY = "1-0:1.8.0"
# The energy is read after each step. A register shows whole Wh of whole windows of 1 s, so each end
# of the comparison is up to 1 s and 1 Wh (0.26 s at 13.8 kW) late: 1.26 s of 300 s are 0.42 %.
_STEPS, _STEP_S = 5, 60.0
_ENERGY_LOAD = ("60 A, power factor 1", 60.0, 0.0)


@dataclass(frozen=True)
class Point:
    """One operating point; the currents lag the voltage by phase_deg."""

    name: str
    volts: float
    amperes: float
    phase_deg: float
    hertz: float


POINTS = (
    Point("230 V, 10 A, power factor 1", 230.0, 10.0, 0.0, 50.0),
    Point("230 V, 0.5 A, power factor 1", 230.0, 0.5, 0.0, 50.0),
    Point("230 V, 40 A, 0.5 inductive", 230.0, 40.0, 60.0, 50.0),
    Point("207 V, 5 A, 0.8 capacitive, 49.5 Hz", 207.0, 5.0, -36.8699, 49.5),
    Point("230 V, 10 A, export", 230.0, 10.0, 180.0, 50.0),
)

# quantity, OBIS code, what the control socket says was put in
QUANTITIES = (
    ("voltage", "1-0:32.7.0", lambda put: put["v_rms"]),
    ("current", "1-0:31.7.0", lambda put: put["i1_rms"]),
    ("current of the neutral", "1-0:91.7.0", lambda put: put["i2_rms"]),
    ("active power", "1-0:16.7.0", lambda put: put["i1_power_w"]),
    ("power factor", "1-0:13.7.0", lambda put: put["i1_power_w"] / put["v_rms"] / put["i1_rms"]),
    ("frequency", "1-0:14.7.0", lambda put: put["frequency_hz"]),
)


@dataclass(frozen=True)
class Result:
    """A quantity as it was put in and as the meter says."""

    point: str
    quantity: str
    put_in: float
    meter: str
    unit: str

    @property
    def error_percent(self) -> float:
        return 100.0 * (float(self.meter) - self.put_in) / self.put_in

    @property
    def good(self) -> bool:
        return abs(self.error_percent) <= _LIMIT_PERCENT

    def cells(self) -> tuple[str, ...]:
        places = len(self.meter.partition(".")[2])
        style = "green" if self.good else "bold red"
        error = f"[{style}]{round(self.error_percent, 2) + 0.0:+.2f} %[/]"
        return self.quantity, f"{self.put_in:.{places}f}", self.meter, self.unit, error


def apply(control: Control, point: Point) -> None:
    """Puts an operating point on the inputs and lets the measurement settle."""
    control.ask("frequency", hz=point.hertz)
    control.set_channel("v", point.volts)
    for channel in ("i1", "i2"):
        control.set_channel(channel, point.amperes, point.phase_deg)
    control.wait(_SETTLE_S)


def read_register(session: Session, code: str) -> tuple[str, str]:
    """(value, unit) of a register as text."""
    reading = read_value(session, _REGISTER, parse(code)[1])
    if reading.error:
        raise ReaderError(f"{code} cannot be read: {reading.error}")
    return reading.shown, reading.unit


def measure(session: Session, control: Control, point: Point) -> list[Result]:
    """Every quantity at one operating point."""
    apply(control, point)
    put = control.ask("injected")
    results = []
    for quantity, code, true in QUANTITIES:
        meter, unit = read_register(session, code)
        results.append(Result(point.name, quantity, true(put), meter, unit))
    return results


def count_energy(session: Session, control: Control, show) -> Result:
    """Energy register against the integral of the power that was put in, while both advance."""
    name, amperes, phase_deg = _ENERGY_LOAD
    apply(control, Point(name, 230.0, amperes, phase_deg, 50.0))
    readings = [_energy(session, control)]
    for _ in range(_STEPS):
        control.wait(_STEP_S)
        readings.append(_energy(session, control))
    for row in readings:
        show(*row)
    (_, first_put, first), (_, last_put, last) = readings[0], readings[-1]
    return Result(name, "energy counted", last_put - first_put, str(last - first), "Wh")


def _energy(session: Session, control: Control) -> tuple[float, float, int]:
    """(simulated seconds, Wh put in, Wh of the register), all of one moment."""
    put = control.ask("injected")["i1_import_wh"]
    value, _ = read_register(session, _ENERGY)
    return control.time_s(), put, int(value)


def open_optical(target: Target, trace: bool) -> Session:
    """Sign-on at 300 baud, hand-over to HDLC, association with the password."""
    link = Link(_READER, server_address(1))
    session = open_session(Wire(target.url("optical"), trace), link)
    try:
        session.associate(_PASSWORD)
    except ReaderError:
        session.close()
        raise
    return session


def _new_table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", min_width=76)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number in (0, 3) else "right")
    return table


def show_points(console: Console, session: Session, control: Control) -> list[Result]:
    everything = []
    for point in POINTS:
        results = measure(session, control, point)
        table = _new_table(point.name, "quantity", "injected", "meter", "unit", "error")
        for result in results:
            table.add_row(*result.cells())
        console.print(table)
        everything += results
    return everything


def show_energy(console: Console, session: Session, control: Control) -> list[Result]:
    table = _new_table(
        f"energy at 230 V, {_ENERGY_LOAD[0]}", "simulated time", "injected", "meter"
    )

    def show(seconds: float, put: float, register: int) -> None:
        table.add_row(f"{seconds:.1f} s", f"{put:.2f} Wh", f"{register} Wh")

    result = count_energy(session, control, show)
    _, _, meter, _, error = result.cells()
    table.add_section()
    table.add_row(f"difference   {error}", f"{result.put_in:.2f} Wh", f"{meter} Wh")
    console.print(table)
    return [result]


def run(trace: bool) -> int:
    """The whole show; 0 when every error is within the limit."""
    console = Console(width=80, highlight=False)
    with Target("pico", Options()) as target, target.control() as control:
        console.print("The emulated board runs. Signing on at 300 baud ...")
        session = open_optical(target, trace)
        try:
            found = session.identification
            name = f"{found.maker} {found.text}" if found else "The meter"
            console.print(f"{name} answers; HDLC at {session.baud} baud, associated.\n")
            results = show_points(console, session, control)
            results += show_energy(console, session, control)
        finally:
            session.close()
    return verdict(console, results)


def verdict(console: Console, results: list[Result]) -> int:
    """The last line: how many values were compared, and the largest error."""
    worst = max(results, key=lambda result: abs(result.error_percent))
    bad = sum(not result.good for result in results)
    console.print(
        f"\n{len(results)} values read, largest error {worst.error_percent:+.2f} % "
        f"(limit {_LIMIT_PERCENT:g} %):\n{worst.quantity} at {worst.point}.\n"
        "Board and front end are emulated: this shows the firmware at work, not a device."
    )
    if bad:
        console.print(f"[bold red]{bad} values are outside of the limit.[/]")
    return 1 if bad else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m microcosem.demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--trace", action="store_true", help="print what is on the wire in hex")
    options = parser.parse_args(arguments)
    try:
        return run(options.trace)
    except ReaderError as error:
        print(f"demo: {error.text}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
