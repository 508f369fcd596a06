"""Parts of the site that are made from the sources whenever it is built."""
