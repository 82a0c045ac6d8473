# Names that MicroPython's compiler knows in viper functions, for the type checker.
from typing import Any

ptr: Any
ptr8: Any
ptr16: Any
ptr32: Any
uint: Any
