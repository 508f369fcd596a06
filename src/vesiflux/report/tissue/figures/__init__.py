"""The figures of a tissue: each a module with its data, `draw` and `rows`."""
