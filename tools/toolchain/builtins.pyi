# Names that MicroPython's compiler knows in viper functions, for the type checker: both types of
# parameters and callables, which only a variable of any type can be.
from typing import Any

ptr: Any
ptr8: Any
ptr16: Any
ptr32: Any
uint: Any
