"""One way to compile kernels: same flags everywhere, and a cache that cannot serve stale machine code.

numba's disk cache looks at the file a function is defined in, not at the files it calls into. So the
cache directory is named by a hash of all kernel sources, the numba version and the processor: a change
anywhere gives a new directory, and machines that share a home directory do not disturb each other.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

__all__ = ["Compiler", "cache_directory", "compiler", "mark_warm", "was_warm"]

F = TypeVar("F", bound=Callable[..., Any])

_lock = threading.Lock()
_WARM = "complete"  # file that says: every kernel of this directory has been compiled


def _bases() -> list[Path]:
    """Where caches may live, best first: numba's own setting, the user's cache folder, a temporary one."""
    bases = []
    if os.environ.get("NUMBA_CACHE_DIR"):
        bases.append(Path(os.environ["NUMBA_CACHE_DIR"]))
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    bases.append(Path(home) / "vesiflux")
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    bases.append(Path(tempfile.gettempdir()) / f"vesiflux-{user}")
    return bases


def cache_directory(*sources: str | os.PathLike[str]) -> Path:
    """A writable directory for the machine code of these source files; made if missing.

    Raises `OSError` when neither the user's cache nor the temporary folder can be written.
    """
    import llvmlite.binding
    import numba

    digest = hashlib.sha256()
    for text in (numba.__version__, llvmlite.binding.get_host_cpu_name()):
        digest.update(text.encode())
    for source in sources:
        digest.update(Path(source).read_bytes())
    failure: OSError | None = None
    for base in _bases():
        directory = base / f"kernels-{digest.hexdigest()[:16]}"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory):
                return directory
        except OSError as error:
            failure = error
    raise OSError(f"no writable cache directory: {failure}; set NUMBA_CACHE_DIR to one")


def _not_from_python(inner: Any, *_arguments: Any) -> None:
    """Stands where numba would jump to code that was not made."""
    raise TypeError(f"{inner.py_func.__name__} is a kernel's inner function: only kernels can call it")


class Compiler:
    """The decorator for kernels that Python calls; `inner` is the one for those that only kernels call.

    Flags: no Python errors on division (it blocks vector code), no interpreter lock, disk cache, and of
    the fast-math family only "contract" (fused multiply-add), which gives the same bits every time. What a
    kernel needs to be called from C, and an inner one from Python, is left out: with records of many arrays
    it takes longer to compile than the kernel.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def __call__(self, function: F) -> F:
        return self._compiled(function, {})

    def inner(self, function: F) -> F:
        """As the decorator itself, for a function that Python cannot call: `TypeError` if it does."""
        compiled: Any = self._compiled(function, {"no_cpython_wrapper": True})
        kind = type(compiled)
        if hasattr(compiled, "py_func"):  # not where numba's compiler is switched off
            compiled.__class__ = type(f"Inner{kind.__name__}", (kind,), {"__call__": _not_from_python})
        return cast(F, compiled)

    def _compiled(self, function: F, flags: dict[str, bool]) -> F:
        import numba

        with _lock:  # numba reads the setting while it decorates
            before = numba.config.CACHE_DIR
            numba.config.CACHE_DIR = self.directory
            try:
                compiled: F = numba.njit(
                    error_model="numpy",
                    nogil=True,
                    cache=True,
                    fastmath={"contract"},
                    no_cfunc_wrapper=True,
                    **flags,
                )(function)
            finally:
                numba.config.CACHE_DIR = before
        return compiled


def compiler(*sources: str | os.PathLike[str]) -> Compiler:
    """How kernels defined in, and calling into, ``sources`` are compiled."""
    return Compiler(str(cache_directory(*sources)))


def was_warm(*sources: str | os.PathLike[str]) -> bool:
    """Whether these kernels were compiled on this machine before, so that they only have to be loaded."""
    return (cache_directory(*sources) / _WARM).exists()


def mark_warm(*sources: str | os.PathLike[str]) -> None:
    """Note that all kernels of these sources are in the cache."""
    (cache_directory(*sources) / _WARM).touch()
