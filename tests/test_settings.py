"""Settings by layers: unknown keys name the nearest, secrets are masked."""

from __future__ import annotations

import pytest

from loanwatch import settings
from loanwatch.errors import UsageError


def test_later_layers_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANWATCH__SPARK__MEMORY", "7g")
    found = settings.load("test", flags={"lake": "there"})
    assert (found.spark.memory, found.spark.master, str(found.lake), found.business.title) == (
        "7g", "local[1]", "there", "Demo trust, micro-finance",
    )  # fmt: skip


def test_an_unknown_key_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANWATCH__SPARK__MEMROY", "7g")
    with pytest.raises(UsageError, match=r"environment: unknown setting spark\.memroy; did you mean spark\.memory\?"):
        settings.load()


def test_a_wrong_value_names_its_key() -> None:
    with pytest.raises(UsageError, match=r"setting business\.calendar: .*got 'weekly'"):
        settings.load(flags={"business": {"calendar": "weekly"}})


@pytest.mark.parametrize(("env", "tenant"), [("nowhere", "demo"), ("test", "../demo")])
def test_unknown_places_and_tenants_are_named(env: str, tenant: str) -> None:
    with pytest.raises(UsageError, match="known: "):
        settings.load(env, tenant)


def test_secrets_are_masked() -> None:
    given = {"spark": {"options": {"spark.hadoop.fs.s3a.secret.key": "hunter2"}}}
    lines = list(settings.load(flags=given).lines())
    assert "spark.options.spark.hadoop.fs.s3a.secret.key=***" in lines
    assert not any("hunter2" in line for line in lines)


def test_conventions_are_of_products_and_know_their_closed_days() -> None:
    for conventions, told in (
        ({"hoem": {}}, r"no product hoem; products: default, consumer"),
        ({"home": {"order": ["fee", "fee", "principal"]}}, "name each of fee, interest, principal once"),
        ({"home": {"closed_days": "next_open_day"}}, "conventions of home move due dates to open days: open_days"),
    ):
        with pytest.raises(UsageError, match=told):
            settings.load(flags={"business": {"conventions": conventions}})
    given = {"open_days": "CN", "conventions": {"home": {"closed_days": "next_open_day"}}}
    assert settings.load(flags={"business": given}).business.conventions["home"].closed_days == "next_open_day"


def test_a_scheme_that_reads_another_is_named_with_it() -> None:
    with pytest.raises(UsageError, match="eu_performance reads what eu_default gave: name both"):
        settings.load(flags={"business": {"schemes": ["ifrs9", "eu_performance"]}})
    assert settings.load(flags={"business": {"schemes": ["eu_performance", "eu_default"]}}).business.schemes
