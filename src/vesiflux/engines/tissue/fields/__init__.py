"""Fields on a grid: transport, decay, uptake."""
