"""Class id -> who reads the attributes of an object of that class out of its section.

A binder is called as bind(made, section, reader) with the kind of the object set to ATTRIBUTES. It
fills made.attributes[n] with the whole Data of each attribute that the table holds; the others are
made by the class file. made.argument, 0 to 255, is for the class file as well. What refers to other
objects waits for all of them: reader.later.append(function(all objects)).
"""

from __future__ import annotations

from typing import Callable

from . import (
    bind_calendar,
    bind_control,
    bind_demand,
    bind_image,
    bind_ports,
    bind_profile,
    bind_setup,
)

BINDERS: dict[int, Callable] = {
    **bind_calendar.BOUND,
    **bind_setup.BOUND,
    4: bind_demand.extended,
    5: bind_demand.demand,
    6: bind_demand.activation,
    7: bind_profile.bind,
    18: bind_image.bind,
    **bind_control.BOUND,
    **bind_ports.BOUND,
}
