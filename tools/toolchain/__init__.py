"""The build tools of Microcosem: obtain, build, measure, flash. `python3 -m toolchain help`.

__main__       the commands
pins           versions.env, and the keys under which the cache holds what was made from it
places         the cache: where things lie, made whole or not at all
running        commands with a log, and errors that are one sentence
machine        what the machine must bring along; apt-get for what it lacks
debian         sources from Debian's archive, by name and version, with private package lists
micropython    the MicroPython tree, put together from those sources or from MPY_DIR
environments   Python packages, npm packages, type stubs
builds         firmware image, stock image, unix port
size           what the image holds, module by module
pico           a board on USB: flash an image, deploy modules
"""
