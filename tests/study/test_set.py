"""Values that a parameter can never have are refused."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import load
from vesiflux.study.plan import fixed_values


def test_shares_stay_shares_and_levels_above_nothing():
    compiled = lower(load("secretion"))
    assert list(fixed_values(compiled, {"mvb.fusing_share": 0.5}).values()) == [0.5]
    assert list(fixed_values(compiled, {"mvb.TAT5": 0}).values()) == [0.0]
    with pytest.raises(InputError, match=r"1.5 lies outside 0 to 1; it is a share"):
        fixed_values(compiled, {"mvb.fusing_share": 1.5})
    with pytest.raises(InputError, match=r"-1 lies below 0"):
        fixed_values(compiled, {"mvb.TAT5": -1})
