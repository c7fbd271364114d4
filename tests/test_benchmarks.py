"""The benchmarks run to their end; how fast they find us depends on the machine."""

import pytest

from benchmarks.__main__ import main


def test_the_benchmarks_run_to_their_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "sizes", "naive", "letter"]) == 0
    said = capsys.readouterr().out
    assert "| 50 readers, SQLite |" in said
    assert "| EmailMessage + smtplib in a loop, for scale |" in said
    assert "| its MJML: by npm mjml, in a warm process |" in said
    assert "| preview shows a change, PostgreSQL |" in said
    assert "not measured" not in said
