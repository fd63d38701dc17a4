"""What a client sent, checked and made fit to be kept and sent back."""

import json

from qa.question import Turn
from qa.request import options_of, turns_of


def test_half_a_character_becomes_one_that_can_be_written() -> None:
    sent = json.loads(r'{"role": "user", "text": "Le tram \ud83d\ude8b de Brest \ud83d"}')

    assert turns_of([sent]) == [Turn("user", "Le tram 🚋 de Brest \ufffd")]
    assert options_of(["f\udcff"], "Le \ud83dPhare") == options_of(["f\ufffd"], "Le \ufffdPhare")
