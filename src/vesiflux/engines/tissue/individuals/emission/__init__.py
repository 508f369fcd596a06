"""What a vesicle is when it is set free: where, how large, with which cargo."""
