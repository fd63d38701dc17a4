"""What the decision weighs, and that what ships was fitted with what ships."""

import hashlib
import json

import pytest

from eval.fit import NEWS, TUNE
from qa.decide import NEAR, WEIGHTS, Features
from qa.reader import SHA256


@pytest.mark.parametrize("surplus", [-0.1, 0.02, 0.08, 0.3])
def test_the_pieces_of_a_feature_add_up_to_it(surplus: float) -> None:
    values = Features(contrast=1.0, cosine=0.8, above=0.1, surplus=surplus, across=0.0, log_odds=2.0).values()

    assert values["surplus_below"] + values["surplus_above"] + NEAR == pytest.approx(surplus)
    assert values["surplus_below"] <= 0 <= values["surplus_above"]
    assert values["log_odds"] == 2.0


def test_without_a_reader_each_is_weighed_as_it_is() -> None:
    values = Features(contrast=1.0, cosine=0.8, above=0.1, surplus=0.1, across=0.0, log_odds=None).values()

    assert values == {"contrast": 1.0, "cosine": 0.8, "above": 0.1, "surplus": 0.1, "across": 0.0}


def test_the_decision_was_fitted_with_this_reader_on_these_questions() -> None:
    fitted = json.loads(WEIGHTS.read_text("utf-8"))

    assert SHA256.startswith(fitted["fitted_on"]["reader"])
    for name, file in (("own_tune", TUNE), ("news", NEWS)):
        assert fitted["fitted_on"][f"{name}_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    with_reader = Features(contrast=1.0, cosine=0.8, above=0.1, surplus=0.1, across=0.0, log_odds=0.0)
    without = Features(contrast=1.0, cosine=0.8, above=0.1, surplus=0.1, across=0.0, log_odds=None)
    assert fitted["with_reader"]["weights"].keys() == with_reader.values().keys()
    assert fitted["alone"]["weights"].keys() == without.values().keys()
    assert all(weight >= 0 for model in ("alone", "with_reader") for weight in fitted[model]["weights"].values())
