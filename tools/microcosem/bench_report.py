"""The report of the benchmark: every figure beside its aim, then where time and memory go."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from .bench_board import Heap, Profile, Sampling, Stats
from .bench_line import Openings
from .bench_memory import Allocated, Census
from .bench_store import Capture, Mount
from .bench_wire import Spread, Transfer

_KB = 1024
_ANSWER_MS, _SHARE_PERCENT, _HEAP_KB, _FROZEN_KB = 5.0, 25.0, 80.0, 200.0  # the aims
_RATIOS = {9600: 1.01, 115200: 1.05}  # Bd: aim for time over wire time of long values
_LONG = 1000  # octets: what is shorter is no long value
_RING = "port.adc"  # the module that allocates it
_SHOWN = 300  # octets: smaller items of the heap are summed up
_PASS_MS = 1.0  # the longest sleep of the main loop


@dataclass(frozen=True)
class Provenance:
    date: str
    commit: str
    fingerprint: str  # of the image: the first digits of its SHA-256


@dataclass(frozen=True)
class Results:
    gets: dict[str, list[float]]
    openings: Openings
    transfers: list[Transfer]
    busy_percent: float
    before: Stats
    after: Stats
    sampling: Sampling
    profile: Profile
    allocated: list[Allocated]
    heap: Heap
    sizes: dict
    capture: Capture
    mount: Mount
    start_ms: float
    census: Census


@dataclass(frozen=True)
class Figure:
    """One line of the summary. `aim` is empty where none was set; `missed` says by how much."""

    name: str
    measured: str
    aim: str = ""
    missed: str = ""

    @property
    def verdict(self) -> str:
        if not self.aim:
            return ""
        return f"**missed by {self.missed}**" if self.missed else "met"


# -- figures and aims ----------------------------------------------------------------------------
def _spread(spread: Spread) -> str:
    return f"{spread.least:.2f} / {spread.middle:.2f} / {spread.most:.2f} ms"


def _get(name: str, waits: list[float]) -> Figure:
    spread = Spread.of(waits)
    late = sum(wait >= _ANSWER_MS for wait in waits)
    missed = ""
    if late:
        missed = f"{spread.most - _ANSWER_MS:.2f} ms ({late} of {len(waits)} answers are later)"
    return Figure(f"GET, {name}", _spread(spread), f"under {_ANSWER_MS:.0f} ms", missed)


def _below(name: str, value: float, aim: float, unit: str) -> Figure:
    missed = f"{value - aim:.1f} {unit}" if value >= aim else ""
    return Figure(name, f"{value:.1f} {unit}", f"under {aim:.0f} {unit}", missed)


def _none(name: str, count: int) -> Figure:
    return Figure(name, str(count), "0", str(count) if count else "")


def _image_figures(sizes: dict) -> list[Figure]:
    over, frozen = sizes["image"] - sizes["stock"], sum(sizes["modules"].values())
    return [
        Figure("image", f"{sizes['image'] / _KB:.1f} KB; {over / _KB:.1f} KB over stock"),
        _below("frozen modules", frozen / _KB, _FROZEN_KB, "KB"),
    ]


def _store_figures(results: Results) -> list[Figure]:
    mount = results.mount
    return [
        Figure("capture of a row of the load profile", _spread_us(results.capture.whole_us)),
        Figure("mount of a full store", f"{mount.whole_us / 1000:.0f} ms"),
        Figure("start of the meter over it", f"{results.start_ms:.0f} ms"),
    ]


def _spread_us(values_us: tuple[int, ...]) -> str:
    return _spread(Spread.of(value / 1000 for value in values_us))


def figures(results: Results) -> list[Figure]:
    """The summary, in the order of the report."""
    opened, sampling, after = results.openings, results.sampling, results.after
    return [
        *(_get(name, waits) for name, waits in results.gets.items()),
        Figure("SNRM to UA", _spread(opened.ua)),
        Figure("AARQ with password to AARE", _spread(opened.aare)),
        Figure("GET right after it", _spread(opened.get)),
        Figure("RLRQ to RLRE", _spread(opened.rlre)),
        _below("sampling, share of the core", sampling.share_percent, _SHARE_PERCENT, "%"),
        Figure("busy share of the core, lines silent", f"{results.busy_percent:.1f} %"),
        _below(f"heap in use after {opened.count} associations", after.used / _KB, _HEAP_KB, "KB"),
        Figure("the same without the ring of samples", f"{_besides(results):.1f} KB"),
        _none("overruns of the samples' ring", after.overruns + sampling.overruns),
        _none("own mistakes caught (bugs)", after.bugs),
        _none("frames dropped", after.dropped),
        *_store_figures(results),
        *_image_figures(results.sizes),
        *_ratios(results.transfers),
    ]


def _besides(results: Results) -> float:
    """KB of the heap that are not the ring of samples."""
    return (results.after.used - results.heap.modules.get(_RING, 0)) / _KB


def _ratios(transfers: list[Transfer]) -> list[Figure]:
    """The worst of the long values for each speed and link."""
    found = []
    for baud, aim in _RATIOS.items():
        long = [t for t in transfers if t.baud == baud and t.octets >= _LONG]
        for link in sorted({(t.max_info, t.window) for t in long}):
            worst = max(t.ratio for t in long if (t.max_info, t.window) == link)
            name = f"long values at {baud} Bd, HDLC {link[0]} / {link[1]}, time over wire time, worst"
            missed = f"{worst - aim:.3f}" if worst > aim else ""
            found.append(Figure(name, f"{worst:.3f}", f"{aim:.2f} or less", missed))
    return found


def summary(results: Results) -> str:
    """For the terminal."""
    rows = figures(results)
    wide = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        verdict = row.verdict.replace("*", "")
        aim = f"aim {row.aim}: {verdict}" if row.aim else ""
        lines.append(f"{row.name:<{wide}}  {row.measured:<30}  {aim}".rstrip())
    return "\n".join(lines)


# -- the report ----------------------------------------------------------------------------------
def _prose(text: str) -> str:
    """Paragraphs as they stand between empty lines, wrapped anew; list items hang."""
    parts = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return "\n\n".join(_wrapped(part) for part in parts)


def _wrapped(text: str, hanging: str = "") -> str:
    return textwrap.fill(
        text, 99, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def _table(heads: tuple[str, ...], rows) -> str:
    """A table of markdown; all but the first column to the right."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "--:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _head(made_from: Provenance, count: int) -> str:
    text = _prose(
        f"""Written by `make bench`; do not edit. {made_from.date}, commit {made_from.commit};
        SHA-256 of `build/METER_PICO/firmware.bin`: {made_from.fingerprint}...

        Everything was measured on the emulated board, in simulated time: the machine that ran it
        does not matter. The emulated core has no flash cache misses, so a real chip is slower.
        230 V and 10 A are on the inputs and the meter samples all the time; the client is on the
        RS-485 line, 9600 Bd, HDLC at once; {count} associations in a row. Three values are least,
        median and greatest; an aim is judged by the greatest. Where in a pass of the main loop a
        request ends is chance, so the greatest differ from run to run. 1 KB is 1024 octets."""
    )
    return "# Benchmark\n\n" + text


def _missed(results: Results) -> str:
    """What was missed and why; one item for all that have the same reason."""
    reasons: dict[str, list[str]] = {}
    for figure in figures(results):
        if figure.aim and figure.missed:
            reasons.setdefault(reason(figure, results), []).append(figure.name)
    items = [_wrapped(f"- {'; '.join(names)}: {why}", "  ") for why, names in reasons.items()]
    return "\n".join(["Missed aims, and where it goes:", "", *items]) if items else ""


def reason(figure: Figure, results: Results) -> str:
    """What is known about a missed aim from the other figures."""
    if figure.name.startswith("GET, object list"):
        return "a block of 1024 octets is made whole before its first segment leaves."
    if figure.name.startswith("GET"):
        return _late(results.profile, results.sampling)
    if figure.name.startswith("heap"):
        return _full(results.heap, results.census)
    if figure.name.startswith("long values"):
        return (
            "each frame of the client waits for its answer, see the table, and that is the time of "
            "a GET less its service; with 128 / 1 there are nine times as many. The first block of "
            "a value is made before its first frame leaves, the others meanwhile. Larger frames "
            "and windows help, and segments whose check sequence is made while the one before is "
            "on the wire would."
        )
    return "see below."


def _late(profile: Profile, sampling: Sampling) -> str:
    own, poll = profile.total_us / 1000, sampling.longest_us / 1000
    return (
        f"serving a register takes {own:.1f} ms (see the profile), a sleeping loop looks at the "
        f"line after {_PASS_MS:.0f} ms at most, and the poll that closes a window of the "
        f"measurement, once a second, takes {poll:.1f} ms: an octet that comes at its start waits "
        "for its end."
    )


def _full(heap: Heap, census: Census) -> str:
    ring = heap.modules.get(_RING, 0) / _KB
    modules = sum(heap.modules.values()) / _KB - ring
    objects = sum(heap.objects.values()) / _KB
    return (
        f"the ring of samples takes {ring:.1f} KB, imported modules {modules:.1f} KB, all "
        f"other objects {objects:.1f} KB, the board before main.py {heap.empty / _KB:.1f} KB. The "
        f"{census.modules} modules hold {census.functions} functions of 16 octets, "
        f"{census.names} names of 8 in their dictionaries, and {census.classes} classes of about "
        "80: frozen code stays in flash, but MicroPython makes these at every import. Dictionaries "
        "and functions frozen as well would save most of it; so does a table with fewer classes."
    )


def _profile(results: Results) -> str:
    profile = results.profile
    middle = Spread.of(next(iter(results.gets.values()))).middle
    own = profile.total_us / 1000
    text = _prose(
        f"""The path of a GET of 1-0:1.7.0 from its last octet to the answer in the UART's buffer,
        interrupts masked, one function measured at a time and the measuring taken off. Of the
        median answer time {own:.2f} ms are this path; the other {middle - own:.2f} ms pass before
        the loop looks at the line."""
    )
    lines = "\n".join(_profile_lines(profile))
    return f"## Where the time of a GET goes\n\n{text}\n\n```\n{lines}\n```"


def _profile_lines(profile: Profile):
    yield f"{'microseconds':<52}{'calls':>6}{'all':>8}{'own':>8}"
    for index, row in enumerate(profile.rows):
        name = "  " * row.depth + row.path.replace(":", ".")
        yield f"{name:<52}{row.calls:>6}{row.whole_us:>8.0f}{profile.own_us(index):>8.0f}"
    yield f"{'port.uart.Uart.write':<52}{1:>6}{profile.write_us:>8.0f}{profile.write_us:>8.0f}"
    yield f"{'all':<52}{'':>6}{profile.total_us:>8.0f}"


def _sampling(results: Results) -> str:
    s = results.sampling
    rest = results.busy_percent - s.share_percent
    text = _prose(
        f"""`Meter.poll` was given {s.sets} sets of samples in {s.polls} polls that consumed some:
        {s.set_us:.1f} us a set, {s.share_percent:.1f} % of the core at 8000 sets a second; the
        longest poll, one that closes a window, took {s.longest_us / 1000:.1f} ms. A pass of the
        main loop with nothing to do takes {s.idle_pass_us:.0f} us, a garbage collection
        {s.collect_us / 1000:.1f} ms. With silent lines the core is busy
        {results.busy_percent:.1f} % of the time: sampling, and {rest:.1f} % for the passes that
        the loop makes after each sleep of 1 ms at most."""
    )
    return "## The core\n\n" + text


def _heap(results: Results) -> str:
    before, after, heap = results.before, results.after, results.heap
    total = heap.empty + sum(octets for _, octets in heap.steps)
    rows = [("MicroPython and its file system, before any import", heap.empty)]
    rows += _items(heap.objects, "made: ")
    rows += _items(heap.modules, "import ")
    rows.append(("**all of these**", total))
    text = _prose(
        f"""`stats()` after the start: {before.used} octets in use, {before.free} free; after
        {results.openings.count} associations: {after.used} in use, {after.free} free.

        The firmware was then started in small steps, with a collection and a look at the heap
        before and after every import and every constructor; what an inner step takes is its own.
        Both lines together where there are two."""
    )
    return f"## Heap\n\n{text}\n\n{_table(('step', 'octets'), rows)}"


def _allocated(results: Results) -> str:
    rows = [(a.request, f"{a.inner:.0f}", f"{a.outer:.0f}") for a in results.allocated]
    text = _prose(
        """Octets that one GET takes from the heap and leaves to the garbage collector, which was
        switched off while eight of each were served: in the link and service layers with the
        object model behind them, and with the channel around them, which cuts a view of the frame
        to send for each write. The clock's are the tuple of `machine.RTC.datetime()`."""
    )
    heads = ("GET", "link and services", "with the channel")
    return f"## Heap, per request\n\n{text}\n\n{_table(heads, rows)}"


def _items(sums: dict[str, int], mark: str) -> list[tuple[str, int]]:
    """The larger ones by name, largest first, then the rest as one row."""
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    rows = [(f"{mark}`{name.replace(':', '.')}`", n) for name, n in ordered if n >= _SHOWN]
    small = [n for _, n in ordered if n < _SHOWN]
    return rows + ([(f"{mark}{len(small)} smaller ones", sum(small))] if small else [])


def _transfers(results: Results) -> str:
    rows = [
        (
            t.name,
            t.baud,
            f"{t.max_info} / {t.window}",
            t.octets,
            t.frames,
            f"{t.wire_ms / 1000:.3f} s",
            f"{t.elapsed_ms / 1000:.3f} s",
            f"{(t.elapsed_ms - t.wire_ms) / t.frames:.2f} ms",
            f"{t.ratio:.3f}",
        )
        for t in results.transfers
    ]
    heads = ("value", "Bd", "information field / window", "octets", "frames to the meter",
             "wire time", "time", "wait a frame", "ratio")  # fmt: skip
    text = _prose(
        f"""Read with the project's own client, APDUs of 1024 octets; the object list is attribute
        2 of the current association, the rows are the youngest ones of a load profile with
        {results.mount.rows}, selected by entry: a clock, a status, two energies, a voltage. The
        information field is the one agreed: who proposes 2030 gets 512, which is what the buffers
        hold. Wire time is what the octets of both directions need; time
        is from the first bit of the first request to the last bit of the last answer, without
        the client's own pauses."""
    )
    return f"## Time over wire time\n\n{text}\n\n{_table(heads, rows)}"


def _store(results: Results) -> str:
    capture, mount = results.capture, results.mount
    text = _prose(
        f"""The journal lies on the raw partition of the emulated flash, which takes the time of a
        real one to erase and to program. The load profile had {mount.rows} rows of five columns,
        the other logs {mount.other_rows} records, and clients had set {mount.settings} octets.
        Mounting reads the heads of all sectors, the settings, and the newest sector of each log;
        the start of the meter is everything from the first import of main.py on."""
    )
    rows = [
        ("capture of a row, least / median / greatest", _spread_us(capture.whole_us)),
        ("- of it the values of the columns", _spread_us(capture.columns_us)),
        ("- of it the record in flash", _spread_us(capture.append_us)),
        ("mount: journal and settings", f"{mount.base_us / 1000:.1f} ms"),
        (f"mount: {mount.logs} logs", f"{mount.logs_us / 1000:.1f} ms"),
        ("start of the meter", f"{results.start_ms:.0f} ms"),
        ("a row out of flash, checked", f"{mount.read_us / 1000:.2f} ms"),
    ]
    return f"## The store\n\n{text}\n\n{_table(('what', 'time'), rows)}"


def _image(sizes: dict) -> str:
    rooms: dict[str, int] = {}
    for name, octets in sizes["modules"].items():
        room = name.partition(".")[0]
        rooms[room] = rooms.get(room, 0) + octets
    rows = [("image", sizes["image"]), ("stock MicroPython, RPI_PICO", sizes["stock"])]
    rows.append(("**over stock**", sizes["image"] - sizes["stock"]))
    rows += [(f"frozen: {name}", n) for name, n in sorted(rooms.items(), key=lambda row: -row[1])]
    text = "The stock image has `asyncio` frozen, which this one leaves out; `make size` has more."
    return f"## Image\n\n{text}\n\n{_table(('part', 'octets'), rows)}"


def markdown(results: Results, made_from: Provenance) -> str:
    """The whole of docs/bench.md."""
    rows = ((f.name, f.measured, f.aim, f.verdict) for f in figures(results))
    parts = [
        _head(made_from, results.openings.count),
        _table(("figure", "measured", "aim", "verdict"), rows),
        _missed(results),
        _profile(results),
        _sampling(results),
        _heap(results),
        _allocated(results),
        _transfers(results),
        _store(results),
        _image(results.sizes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
