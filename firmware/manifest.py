# What is frozen into an image: the four rooms, and with application=True the program itself.
# opt=3 strips assertions and line numbers. The board's manifest adds what its port needs.
options.defaults(application=False)

import os

for room in ("port", "dlms", "cosem", "meter"):
    if os.path.isdir("lib/" + room):
        package(room, base_path="lib", opt=3)

if options.application:
    for program in ("config.py", "main.py"):  # config.py is generated from meter.toml
        if os.path.isfile(program):
            module(program, opt=3)
