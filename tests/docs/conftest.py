from __future__ import annotations

import sys
from pathlib import Path

# tests are imported without a package around them; the site's own code lies outside of src
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "docs")]
