"""The `vesiflux` command: one file per sub-command, heavy imports inside the functions that need them."""
