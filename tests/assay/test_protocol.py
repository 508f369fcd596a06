import pytest

from vesiflux.assay.protocol import library, load, read
from vesiflux.errors import InputError

GOOD = """\
sample: {from: plasma, volume: 0.5 mL}
steps:
  - spin: {rotor: SW 32 Ti, rpm: 30000, time: 70 min, keep: pellet, resuspend: 0.2 mL}
measure: [nta]
"""

BAD = {
    "rotor that does not exist": (
        ("SW 32 Ti", "SW 33 Ti"),
        "3:19: no rotor is called 'SW 33 Ti'; did you mean 'SW 32 Ti'",
    ),
    "too fast": (("30000", "41000"), "3:34: 41000 rpm is too fast for SW 32 Ti; it turns at most at 32000"),
    "too much force": (("rpm: 30000", "force: 900000"), "too fast for SW 32 Ti"),
    "negative time": (("70 min", "-70 min"), "'time' is '-70 min'; it must be more than 0 h"),
    "no time": (("time: 70 min, ", ""), "'spin' needs 'time'"),
    "time without unit": (("70 min", "70"), "'time'"),
    "time as a volume": (("70 min", "70 mL"), "'time': '70 mL' is a volume where a time is expected"),
    "both speeds": (("rpm: 30000", "rpm: 30000, force: 1000"), "either 'rpm' or 'force'"),
    "no speed": (("rpm: 30000, ", ""), "either 'rpm' or 'force'"),
    "no rotor": (("rotor: SW 32 Ti, rpm: 30000, ", ""), "give a 'rotor' with its speed, or a 'k_factor'"),
    "keeps what": (("keep: pellet", "keep: pelet"), "'keep' cannot be 'pelet'; did you mean 'pellet'?"),
    "supernatant taken up": (("keep: pellet", "keep: supernatant"), "only a pellet is taken up"),
    "a key too much": (("time:", "duration: 3 h, time:"), "'spin' has no key 'duration'"),
    "no such step": (("spin:", "spinn:"), "no step is called 'spinn'; did you mean 'spin'?"),
    "no such sample": (("plasma", "plasm"), "1:16: no sample is called 'plasm'; did you mean 'plasma'?"),
    "negative volume": (("0.5 mL}", "-0.5 mL}"), "it must be more than 0"),
    "no volume": ((", volume: 0.5 mL", ""), "the sample needs its 'volume'"),
    "no such instrument": (("[nta]", "[ntq]"), "no instrument is called 'ntq'; did you mean 'nta'?"),
    "measure is no list": (("[nta]", "nta"), "'measure' is a list"),
    "unknown top key": (("measure:", "measures: 3\nmeasure:"), "unknown key 'measures'"),
    "unknown kind": (("0.5 mL}", "0.5 mL, counts: {exosom: 1e9 vesicle/mL}}"), "did you mean 'exosome'"),
    "negative count": (("0.5 mL}", "0.5 mL, counts: {exosome: -1 vesicle/mL}}"), "cannot be less than none"),
    "count beyond physics": (
        ("0.5 mL}", "0.5 mL, counts: {exosome: 1e17 vesicle/mL}}"),
        "'exosome' is '1e17 vesicle/mL'; at most 2.1e+15 fill a mL without a gap",
    ),
    "counts too many together": (
        ("0.5 mL}", "0.5 mL, counts: {exosome: 2e15 vesicle/mL, protein: 2e18 copy/mL}}"),
        "these particles together would fill",
    ),
    "a sea": (("0.5 mL}", "1e9 L}"), "at most 1e8 mL"),
    "a dose beyond physics": (("measure:", "dose: 1e25 vesicle\nmeasure:"), "at most 1.3e+19 vesicles fill"),
    "count as mass": (("0.5 mL}", "0.5 mL, counts: {exosome: 3 ug}}"), "'exosome'"),
    "step is a number": (("spin: {", "3: {"), "no step is called '3'"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_says_where_and_what(what):
    (old, new), message = BAD[what]
    text = GOOD.replace(old, new)
    assert text != GOOD
    with pytest.raises(InputError) as error:
        read(text, "mine.yaml")
    assert "mine.yaml:" in str(error.value)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1, str(error.value)


def test_all_errors_at_once():
    text = GOOD.replace("SW 32 Ti", "nothing").replace("[nta]", "[no]").replace("plasma", "milk")
    with pytest.raises(InputError) as error:
        read(text, "mine.yaml")
    assert len(error.value.problems) == 3


STEPS = {
    "- sec: {column: qEV-70}": ("0.6 mL", "qEV-70 takes at most 0.5 mL, it is given 0.6 mL"),
    "- sec: {column: qEV-71}": ("0.5 mL", "did you mean 'qEV-70'"),
    "- sec: {column: qEV-70, from: 5 mL, to: 4 mL}": ("0.5 mL", "before they begin"),
    "- ultrafilter: {cut_off: 100, to: 1 mL}": ("0.5 mL", "a membrane only takes away"),
    "- dilute: {to: 0.1 mL}": ("0.5 mL", "less than the 0.5 mL there are"),
    "- store: {temperature: 4 degC, time: 3 d, freezes: 1.5}": ("1 mL", "not a whole number"),
    "- store: {temperature: 400 degC, time: 3 d}": ("1 mL", "'temperature'"),
    "- affinity: {marker: CD64}": ("1 mL", "did you mean 'CD63'"),
    "- gradient: {rotor: SW 41 Ti, rpm: 30000, time: 1 h, from: 1.2 g/mL, to: 1.1 g/mL}": ("1 mL", "denser"),
    "- gradient: {rotor: SW 41 Ti, rpm: 30000, time: 1 h, from: 1.0 g/mL}": ("1 mL", "outside the gradient"),
    "- filter: {pore: 0}": ("1 mL", "'pore'"),
    "- load: {copies: -3}": ("1 mL", "'copies'"),
    "- filter": ("1 mL", "'filter' needs 'pore'"),
    "- [filter]": ("1 mL", "a step is one of"),
}


@pytest.mark.parametrize("step", STEPS)
def test_steps_that_cannot_be(step):
    volume, message = STEPS[step]
    text = f"sample: {{from: plasma, volume: {volume}}}\nsteps:\n  {step}\n"
    with pytest.raises(InputError) as error:
        read(text, "mine.yaml")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "3", "[]", "steps: [", "sample: {from: plasma, volume: 1 mL}\nsteps: []"]
)
def test_what_is_no_protocol(text):
    with pytest.raises(InputError, match=r"mine.yaml:\d+:\d+: "):
        read(text, "mine.yaml")


def test_unknown_names_list_the_library():
    with pytest.raises(InputError, match="uc-sec"):
        load("uc-seq")
    with pytest.raises(InputError, match="no such file"):
        load("mine-that-is-not-there.yaml")


@pytest.mark.parametrize("name", library())
def test_the_library_reads(name):
    assert load(name).name == name


def test_counts_of_the_protocol_replace_those_of_the_sample():
    text = GOOD.replace("0.5 mL}", "0.5 mL, counts: {exosome: 3e9 vesicle/mL, LDL: 1 nM}}")
    counts = read(text, "mine.yaml").sample.counts
    assert counts["exosome"].typical == 3e9
    assert counts["LDL"].typical == pytest.approx(6.02214076e11)


def test_a_pellet_is_not_taken_up_in_less_than_it_fills():
    from vesiflux.assay.isolation.chain import isolate

    dense = GOOD.replace("0.5 mL}", "30 mL, counts: {exosome: 1e13 vesicle/mL}}")
    assert isolate(read(dense, "p.yaml"), draws=0).product.volume == 0.2
    with pytest.raises(InputError, match=r"step 1 spin: what is left fills .* cannot be in 0\.001 mL"):
        isolate(read(dense.replace("0.2 mL", "1 uL"), "p.yaml"), draws=0)
