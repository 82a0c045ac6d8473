"""Name -> class of every door that is fuzzed."""

from doors import HdlcDoor, OpticalPort
from wrapper_door import WrapperPort

DOORS = {door.name: door for door in (HdlcDoor, OpticalPort, WrapperPort)}
