import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "docs/sample-report/gemma-3-270m.h5"

try:
    import clearbox  # noqa: F401
except ImportError:
    # Not installed: the sources are tried.
    sys.path.insert(0, str(ROOT / "python"))


@pytest.fixture(scope="session")
def sample():
    import clearbox

    with clearbox.open(SAMPLE) as run:
        yield run
