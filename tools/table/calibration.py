"""Nominal calibration of the meter, from the analogue front end of the board."""

from __future__ import annotations

from .source import Section


def nominal(front_end: Section) -> tuple:
    """The tuple CALIBRATION of config.py; its layout is told in meter/quantities.py."""
    return ()
