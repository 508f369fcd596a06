"""Studies: arms, structures, replicates and draws, and where they run."""
