"""Single-precision normals, written so that the compiler makes vector code of them."""
