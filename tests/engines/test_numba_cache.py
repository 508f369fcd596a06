"""The cache directory follows the sources, and falls back where it cannot be written."""

from __future__ import annotations

import pytest

from vesiflux.engines import _numba
from vesiflux.engines.compartments import is_warm, warm_up


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_a_change_in_any_source_changes_the_directory(home):
    a, b = home / "a.py", home / "b.py"
    a.write_text("one")
    b.write_text("two")
    first = _numba.cache_directory(a, b)
    assert first.is_dir()
    assert first == _numba.cache_directory(a, b)
    assert first.parent == home / "cache" / "vesiflux"
    b.write_text("three")
    assert _numba.cache_directory(a, b) != first


def test_a_cache_that_cannot_be_made_falls_back(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    monkeypatch.setattr(_numba.tempfile, "gettempdir", lambda: str(home))
    monkeypatch.setattr(_numba.tempfile, "tempdir", str(home))
    source = home / "a.py"
    source.write_text("one")
    assert str(home) in str(_numba.cache_directory(source))


def test_numbas_own_setting_comes_first(home, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(home / "mine"))
    source = home / "a.py"
    source.write_text("one")
    assert _numba.cache_directory(source).parent == home / "mine"


def test_warm_mark(home):
    source = home / "a.py"
    source.write_text("one")
    assert not _numba.was_warm(source)
    _numba.mark_warm(source)
    assert _numba.was_warm(source)


def test_decorating_leaves_numbas_setting_alone(home):
    import numba

    before = numba.config.CACHE_DIR
    source = home / "a.py"
    source.write_text("one")
    _numba.compiler(source)
    assert before == numba.config.CACHE_DIR


def test_warm_up_tells_what_it_does():
    told = []
    warm_up(lambda what, share: told.append((what, share)))
    assert is_warm()
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_inner_kernel_is_called_by_kernels_alone(home):
    source = home / "a.py"
    source.write_text("one")
    kernel = _numba.compiler(source)

    @kernel.inner
    def twice(x):
        return 2.0 * x

    @kernel
    def four_times(x):
        return twice(twice(x))

    assert four_times(1.5) == 6.0
    with pytest.raises(TypeError, match="twice is a kernel's inner function"):
        twice(1.5)
