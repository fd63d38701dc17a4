"""What long work tells while it lasts."""

import pytest

from corpus.console import plain_lines


def test_lines_come_with_a_rate_and_the_time_left_but_not_all_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    report = plain_lines(lambda: now, every=10)
    for second, stage, done, total in [
        (0, "reading", 1, 0),
        (3, "reading", 50, 0),
        (12, "reading", 121, 0),
        (13, "embedding", 400, 1000),  # an earlier build had embedded 400
        (14, "embedding", 440, 1000),
        (23, "embedding", 600, 1000),
        (33, "embedding", 610, 1000),
        (43, "embedding", 1000, 1000),
        (43, "writing", 0, 0),
        (44, "training", 0, 60),
        (84, "training", 30, 60),
    ]:
        now = float(second)
        report(stage, done, total)

    assert capsys.readouterr().err.splitlines() == [
        "reading 1",
        "reading 121, 10/s",
        "embedding 400 of 1000",
        "embedding 600 of 1000, 20/s, 20 s left",
        "embedding 610 of 1000, 10/s, 37 s left",
        "embedding 1000 of 1000, 20/s",
        "writing",
        "training 0 of 60",
        "training 30 of 60, 0.75/s, 40 s left",
    ]
