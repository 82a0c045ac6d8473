"""Foreign clients by feature, one test a cell, on every target; matrix_cells.py has the cells."""

import pytest
from matrix_cells import CELLS
from matrix_cells import feature as row_of


@pytest.mark.parametrize(
    "feature, client", CELLS, ids=[f"{client}: {feature}" for feature, client in CELLS]
)
def test_cell(target, feature, client, record_property):
    row = row_of(feature)
    record_property("cell", (target.kind, client, feature))
    if row.door in target.doors:
        record_property("remark", row.cells[client](target) or "")
    else:
        record_property("lacks", row.door)
        assert (target.kind, row.door) == ("pico", "wrapper")  # no network on the board
