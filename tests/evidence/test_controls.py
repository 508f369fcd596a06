from vesiflux.evidence.controls import TARGETS, controls


def test_the_arms_of_a_delivery_experiment_are_there():
    wanted = {
        "vesicle-depleted supernatant",
        "cargo-knock-out donor",
        "protease",
        "protease and RNase",
        "dye only",
        "serum blank",
        "entry-blocked recipients",
        "gradient after pelleting",
        "recipient without the cargo",
    }
    assert set(controls()) == wanted


def test_what_each_takes_away():
    arms = controls()
    assert arms["vesicle-depleted supernatant"].removes("vesicles") > 0.9
    assert arms["vesicle-depleted supernatant"].removes("free factors") < 0.1
    assert arms["cargo-knock-out donor"].removes("lumen cargo") == 1
    assert arms["cargo-knock-out donor"].removes("vesicles") == 0
    assert arms["protease"].removes("free cargo") < 0.5 < arms["protease and RNase"].removes("free cargo")
    assert arms["protease and RNase"].removes("lumen cargo") < 0.1
    assert arms["dye only"].removes("vesicles") == 1
    assert arms["dye only"].removes("label artefact") < 0.1
    assert arms["serum blank"].removes("serum's vesicles") == 0


def test_every_share_is_one_and_says_where_it_is_from():
    for arm in controls().values():
        assert set(arm.left) <= set(TARGETS), arm.name
        for prior in arm.left.values():
            assert 0 <= prior.low <= prior.typical <= prior.high <= 1
            assert prior.source
            assert prior.mark == "assumed"
            drawn = prior.quantile([0.001, 0.5, 0.999])
            assert ((drawn >= 0) & (drawn <= 1)).all()
