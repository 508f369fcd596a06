from __future__ import annotations

import pytest

from vesiflux.language.behaviours import Action, BehaviourError, SignalTerm, parse_behaviour
from vesiflux.language.responses import And, Not, Or, Ref, ResponseError, parse_response, refs


@pytest.mark.parametrize(
    ("written", "condition", "sign", "target"),
    [
        ("PD-L1 @surface -> PDCD1_signal", Ref("PD-L1", "surface"), "+", "PDCD1_signal"),
        ("miR-10b-5p@cytosol-|NF-kB", Ref("miR-10b-5p", "cytosol"), "-", "NF-kB"),
        ("educated @state -> FN1", Ref("educated", "state"), "+", "FN1"),
        ("CCR7 @transferred -> homing", Ref("CCR7", "transferred"), "+", "homing"),
        ("TCR and not PD1 -> ACT", And((Ref("TCR"), Not(Ref("PD1")))), "+", "ACT"),
        ("A or B and C -> D", Or((Ref("A"), And((Ref("B"), Ref("C"))))), "+", "D"),
        ("(A or B) and C -> D", And((Or((Ref("A"), Ref("B"))), Ref("C"))), "+", "D"),
        ("not not A -> B", Not(Not(Ref("A"))), "+", "B"),
        ("CD3/CD28 -> IL-2+", Ref("CD3/CD28"), "+", "IL-2+"),
        ("android -> normal", Ref("android"), "+", "normal"),
        ("let-7a.1 -> x", Ref("let-7a.1"), "+", "x"),
    ],
)
def test_responses(written: str, condition: object, sign: str, target: str):
    response = parse_response(written)
    assert (response.condition, response.sign, response.target) == (condition, sign, target)


def test_claims_and_columns():
    response = parse_response("A and B -> C [tme-072, tme-074]")
    assert response.claims == ("tme-072", "tme-074")
    assert response.columns == {"target": 12, "tme-072": 15, "tme-074": 24}
    assert [(r.name, r.column) for r in refs(response.condition)] == [("A", 1), ("B", 7)]


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("!A -> B", 1, "write 'not' instead of '!'"),
        ("A & B -> C", 3, "write 'and' instead of '&'"),
        ("A | B -> C", 3, "write 'or' instead of '|'"),
        ("A AND B -> C", 3, "write 'and' in small letters"),
        ("A", 2, "a response needs an arrow"),
        ("A -> B -> C", 8, "'->' does not belong here"),
        ("A -> B C", 8, "'C' does not belong here"),
        ("(A -> B", 4, "a '(' is never closed"),
        ("A and -> B", 7, "a name, 'not' or '(' was expected"),
        ("A -> ", 5, "ends where a name"),
        ("A @membrane -> B", 3, "no place is called '@membrane'"),
        ("A -> B []", 9, "a name"),
        ("", 1, "empty"),
    ],
)
def test_response_errors(written: str, column: int, message: str):
    with pytest.raises(ResponseError) as caught:
        parse_response(written)
    assert message in caught.value.message
    assert caught.value.column == column


def test_behaviour_in_full():
    sentence = "PD1 increases transition active->suppressed from 0 /h to 0.05 /h, half 0.5, hill 4"
    behaviour = parse_behaviour(sentence)
    assert behaviour.signal == SignalTerm("name", ("PD1",))
    assert behaviour.direction == "increases"
    assert behaviour.behaviour == Action("transition", ("active", "suppressed"))
    assert (behaviour.base, behaviour.maximum, behaviour.half, behaviour.hill) == (
        "0 /h",
        "0.05 /h",
        "0.5",
        4.0,
    )
    for part, text in (
        ("behaviour", "transition"),
        ("base", "0 /h"),
        ("maximum", "0.05"),
        ("half", "0.5, hill"),
    ):
        assert sentence[behaviour.columns[part] - 1 :].startswith(text)


@pytest.mark.parametrize(
    ("action", "kind", "args"),
    [
        ("proliferation", "proliferation", ()),
        ("apoptosis", "apoptosis", ()),
        ("necrosis", "necrosis", ()),
        ("killing of tumour", "killing", ("tumour",)),
        ("phagocytosis of tumour-2", "phagocytosis", ("tumour-2",)),
        ("secretion of exosome", "secretion", ("exosome",)),
        ("uptake of exosome", "uptake", ("exosome",)),
        ("transition a -> b", "transition", ("a", "b")),
        ("transformation into caf", "transformation", ("caf",)),
        ("recruitment", "recruitment", ()),
        ("migration  speed", "migration_speed", ()),
        ("chemotaxis to CX3CL1", "chemotaxis", ("CX3CL1",)),
        ("adhesion to endothelium", "adhesion", ("endothelium",)),
    ],
)
def test_actions(action: str, kind: str, args: tuple[str, ...]):
    assert parse_behaviour(f"X decreases {action} from 1 /h to 0 /h").behaviour == Action(kind, args)


@pytest.mark.parametrize(
    ("signal", "kind", "args"),
    [
        ("PD-L1 @surface", "cargo", ("PD-L1", "surface")),
        ("CCR7 @transferred", "cargo", ("CCR7", "transferred")),
        ("contact with tumour", "contact", ("tumour",)),
        ("pressure", "pressure", ()),
        ("state active", "state", ("active",)),
        ("time", "time", ()),
        ("mvb.rab27a_protein", "name", ("mvb.rab27a_protein",)),
        ("IFN-gamma", "name", ("IFN-gamma",)),
    ],
)
def test_signals(signal: str, kind: str, args: tuple[str, ...]):
    assert parse_behaviour(f"{signal} increases apoptosis from 0 /h to 1 /h").signal == SignalTerm(kind, args)


def test_copies_of_a_cargo_are_per_cell():
    assert (
        parse_behaviour("X @cytosol increases apoptosis from 0 /h to 1 /h, half 80 copies").half
        == "80 copy/cell"
    )


@pytest.mark.parametrize("action", ["migration speed", "migration bias", "chemotaxis to X", "adhesion to Y"])
def test_a_dish_has_no_places(action: str):
    with pytest.raises(BehaviourError, match="needs `space: tissue`"):
        parse_behaviour(f"X increases {action} from 0 to 1", space="dish")


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("X raises apoptosis from 0 /h to 1 /h", 1, "'increases' or 'decreases' is missing"),
        ("X increases apoptosys from 0 /h to 1 /h", 13, "did you mean 'apoptosis'?"),
        ("X increases apoptosis to 1 /h", 30, "'from BASE' is missing"),
        ("X increases apoptosis from 1 /h", 32, "'to MAX' is missing"),
        ("X increases apoptosis from  to 1 /h", 28, "a quantity is missing after 'from'"),
        ("X increases apoptosis from 0 /h to 1 /h, hill 0", 47, "hill lies above 0"),
        ("X increases apoptosis from 0 /h to 1 /h, half 1, half 2", 50, "each once"),
        ("X @nucleus increases apoptosis from 0 /h to 1 /h", 1, "no place is called '@nucleus'"),
        ("", 1, "empty"),
    ],
)
def test_behaviour_errors(written: str, column: int, message: str):
    with pytest.raises(BehaviourError) as caught:
        parse_behaviour(written)
    assert message in caught.value.message
    assert caught.value.column == column
