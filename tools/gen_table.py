#!/usr/bin/env python3
"""Make the object table, the configuration and their document from firmware/meter.toml.

    tools/gen_table.py              write firmware/lib/cosem/table.py and classes.py,
                                    firmware/config.py and docs/objects.md
    tools/gen_table.py --check      compare them instead; exit 1 when one is stale
    --release                       refuse passwords that are marked demo
    --secrets FILE --out DIR        passwords of FILE ([passwords] association = "..") into
                                    products below DIR, which lies outside the source tree
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from table import (
    associations,
    calibration,
    classes,
    emit,
    installation,
    objects,
    pack,
    readout,
    slots,
    source,
)
from table.source import SourceError

_ABOUT = "Make the object table, the configuration and their document from meter.toml."
_ROOT = Path(__file__).resolve().parent.parent
_SOURCE = "firmware/meter.toml"
_FRONT_END = "boards/METER_PICO/front_end.toml"
_SLOTS = "firmware/lib/meter/registers.py"


def main(arguments: list[str]) -> int:
    """Exit code: 0, or 1 after one sentence on stderr."""
    options = _options(arguments)
    try:
        products, totals = make(options.source, options.secrets, options.release)
        if options.check:
            _compare(products, options.out)
        else:
            _write(products, options.out)
    except (SourceError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(totals)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gen_table.py", description=_ABOUT)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--release", action="store_true", help="refuse demo passwords")
    parser.add_argument("--secrets", type=Path, metavar="FILE", help="passwords to overlay")
    parser.add_argument("--out", type=Path, metavar="DIR", default=_ROOT,
                        help="where the products go; the source tree by default")
    parser.add_argument("--source", type=Path, metavar="FILE", default=_ROOT / _SOURCE,
                        help=f"instead of {_SOURCE}")
    options = parser.parse_args(arguments)
    inside = _inside(options.out) and not _inside(options.out, "build")
    if options.secrets and (options.check or inside):
        parser.error("--secrets needs --out DIR outside the source tree or in its build folder")
    return options


def _inside(path: Path, below: str = "") -> bool:
    here = path.resolve()
    return here == _ROOT / below or _ROOT / below in here.parents


def make(path: Path, secrets: Path | None, release: bool) -> tuple[dict[str, str], str]:
    """Texts of the products by path, and the line of totals."""
    root = source.read(path, _shown(path))
    made = installation.read(root)
    devices = associations.devices(root, made.identity)
    known = associations.associations(root, devices, _passwords(secrets, root))
    if release:
        _refuse_demo(known)
    front_end = source.read(_ROOT / _FRONT_END, _FRONT_END)
    made.values["CALIBRATION"] = calibration.nominal(front_end)
    access = associations.Access(root, known)
    live = slots.read(_ROOT / _SLOTS, _SLOTS)
    found = objects.read(root, objects.Reader(made, devices, known, access, live))
    lines = readout.read(root, found)
    access.close()
    root.close()
    packed = pack.pack(found, known)
    packed.readout = [line.record() for line in lines]
    products = {
        "firmware/lib/cosem/table.py": emit.table(packed, found, known, lines),
        "firmware/lib/cosem/classes.py": classes.text(found, emit.HEAD),
        "firmware/config.py": emit.config(made),
        "docs/objects.md": emit.document(found, known, devices, made, lines),
    }
    return products, (
        f"{len(found)} objects, {len(known)} associations, {len(packed.access)} access profiles: "
        f"{packed.size()} octets of tables, {len(packed.pool)} of them constants."
    )


def _shown(path: Path) -> str:
    full = path.resolve()
    return str(full.relative_to(_ROOT)) if _inside(path) else str(path)


def _passwords(secrets: Path | None, root: source.Section) -> dict[str, bytes]:
    if secrets is None:
        return {}
    names = [entry.get("name") for entry in root.items("association", [])]
    return associations.passwords(source.read(secrets, str(secrets)), names)


def _refuse_demo(known: list) -> None:
    for who in known:
        if who.demo:
            raise who.section.error(
                f"the password of '{who.name}' is marked demo and a release needs its own",
                "password")


def _compare(products: dict[str, str], out: Path) -> None:
    for name, text in products.items():
        path = out / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            raise SourceError(f"{name}: stale, run tools/gen_table.py.")


def _write(products: dict[str, str], out: Path) -> None:
    for name, text in products.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
