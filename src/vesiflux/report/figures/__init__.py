"""One file per figure: a small dataclass of what is drawn, ``draw(data) -> Figure``, ``rows(data)`` for CSV.

No figure knows how its numbers were made; `vesiflux.report.collect` reads them from runs.
"""
