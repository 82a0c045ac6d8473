"""Makes the host tools and the helpers beside these tests importable."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
for folder in (_HERE, _HERE.parents[2] / "tools"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
