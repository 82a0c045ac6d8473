"""A restart that the firmware asks for itself, as for an activated image, loses nothing."""

import subprocess
import sys

from microcosem.target import ROOT

_FOLDERS = [str(ROOT / name) for name in ("host_tests/shims", "firmware", "firmware/lib")]
# 0.4 Wh are no full Wh, so nothing has saved them before; then the same flash in a new meter.
_LIFE = """
import sys
sys.path[:0] = %r
import micropython
import main
main.loop.meter.energy.add(400000000)
main.loop.clock.second(0)
resets = []
main.board.reset = lambda: resets.append(main.loop.clock.utc_s())
main.loop.restart()
again = main.Superloop()
print(len(resets), again.meter.energy.import_nwh, resets[0] - again.clock.stopped_s)
"""


def test_energy_and_time_are_kept():
    done = subprocess.run([sys.executable, "-c", _LIFE % _FOLDERS], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    resets, energy_nwh, late_s = done.stdout.split()[-3:]
    assert (resets, energy_nwh) == ("1", "400000000")
    assert 0 <= int(late_s) <= 1
