"""Steps of isolation, one file each, and the chain of them that a protocol names."""
