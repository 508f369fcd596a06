"""Side-by-side measurements against other tools; one module, one command each."""
