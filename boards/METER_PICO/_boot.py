# Mounts the file system, and makes one where there is none. It has the storage area up to
# MEMORY_START; the meter's memory has the rest (firmware/lib/port/flash.py).
import rp2
import vfs

MEMORY_START = 640 * 1024  # port/board.py, which is not imported before the ring has its place

flash = rp2.Flash(start=0, len=MEMORY_START)
try:
    files = vfs.VfsLfs2(flash, progsize=256)
except OSError:
    vfs.VfsLfs2.mkfs(flash, progsize=256)
    files = vfs.VfsLfs2(flash, progsize=256)
vfs.mount(files, "/")
del vfs, rp2, flash, files, MEMORY_START
