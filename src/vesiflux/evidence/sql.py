"""The tables in DuckDB, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from vesiflux.errors import InputError

__all__ = ["Database"]


class Database:
    """Tables of rows that a query may read, and nothing else: no files, no network."""

    def __init__(self, tables: Mapping[str, Iterable[Any]]) -> None:
        import duckdb
        import pyarrow as pa

        self._connection = duckdb.connect(":memory:")
        for name, rows in tables.items():
            records = [asdict(row) for row in rows]
            for record in records:
                if name == "edges":
                    record["from"], record["to"] = record.pop("start"), record.pop("end")
            self._connection.register(f"{name}_rows", pa.Table.from_pylist(records))
            self._connection.execute(f"create table {name} as select * from {name}_rows")
        self._connection.execute("set enable_external_access = false")

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query.

        Raises
        ------
        InputError
            The query is wrong, with what DuckDB says.
        """
        import duckdb

        try:
            return self._connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise InputError(f"query: {str(error).splitlines()[0]}") from None
