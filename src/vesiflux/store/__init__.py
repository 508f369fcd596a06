"""What runs leave behind: blocks of draws under content keys, and runs that point at them."""
