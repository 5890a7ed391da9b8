"""`why`: what secures a loan, with the candidates that each value rests on."""

from __future__ import annotations

from collections.abc import Iterator

from loanwatch import codes
from loanwatch.commands.reading import cell
from loanwatch.explanation.explain import Provisional, Secured
from loanwatch.report.page import Words


def asset_lines(secured: Secured, words: Words, language: str) -> Iterator[str]:
    """An asset: its value and how sure it is, what of it is for the loan, and what it was found from."""
    value, lien = secured.value, secured.lien
    named = f"{value['asset_id']} ({_label(codes.ASSET_KINDS, value['kind'], language)}, {value['region'] or '?'})"
    if value["value_minor"] is None:
        yield words.say("no_value", asset=named, because=value["unknown_because"])
    else:
        by = codes.VALUED_BY.label(value["valued_by"] or "recorded", language)
        yield words.say("worth", asset=named, value=_money(value["value_minor"]), currency=value["currency"], by=by,
                        off=_share(value["fsd_bp"]), prudent=_money(value["prudent_minor"]))  # fmt: skip
    for line in (*_lien(secured, words), *_candidates(secured, words, language)):
        yield f"  {line}"
    if lien.get("unknown_because") and value["value_minor"] is not None:
        yield f"  {lien['unknown_because']}"


def provisional_lines(since: Provisional, words: Words, language: str) -> Iterator[str]:
    """What refreshes found since the release: values as above, and rules with what they said before."""
    for value in since.values:
        yield words.say("by_deliveries", known=value["through_delivery_no"], date=value["as_of"])
        yield from asset_lines(Secured(value, {}), words, language)
    for row in since.warnings:
        colours = [codes.COLOURS.label(word, language) for word in (row["outcome"], row["colour_before"] or "clear")]
        said = row[f"says_{language}"] or ""
        yield words.say("now", rule=row["rule_id"], subject=row["subject_id"], now=colours[0], before=colours[1], says=said)


def _lien(secured: Secured, words: Words) -> Iterator[str]:
    lien = secured.lien
    if lien and not lien["counts"]:
        yield words.say("no_lien", rank=lien["lien_rank"])
    elif lien:
        yield words.say("lien", rank=lien["lien_rank"], before=_money(lien["before_minor"]), has=_money(lien["allocated_minor"]))


def _candidates(secured: Secured, words: Words, language: str) -> Iterator[str]:
    value = secured.value
    if value["recorded_minor"] is not None:
        method = _label(codes.VALUATION_METHODS, value["method"], language)
        then = {"recorded": _money(value["recorded_minor"]), "date": value["valued_on"], "method": method}
        now = {"value": _money(value["indexed_minor"]), "off": _share(value["indexed_fsd_bp"])}
        if value["index_move_bp"] is None:
            yield words.say("unmoved", **then, **now)
        else:
            yield words.say("moved", **then, **now, move=_share(value["index_move_bp"]), cell=value["index_cell"])
        if value["curve_bp"] is not None:
            yield words.say("aged", left=_share(value["curve_bp"]))
        if value["mileage_bp"] is not None:
            yield words.say("worn", left=_share(value["mileage_bp"]))
    if value["model_minor"] is not None:
        yield words.say(
            "said", digest=value["by_model"][:12], value=_money(value["model_minor"]), off=_share(value["model_fsd_bp"]),
            wide=_share(value["model_wide_bp"]), calibration=codes.CALIBRATIONS.label(value["calibration"], language),
        )  # fmt: skip
        if value["apart_bp"] is not None:
            yield words.say("apart", apart=_share(value["apart_bp"]))


def _label(of: codes.CodeList, word: str | None, language: str) -> str:
    return of.label(word, language) if word else "?"


def _money(minor: int | None) -> str:
    return "?" if minor is None else str(cell("_minor", minor))


def _share(bp: int | None) -> str:
    return "?" if bp is None else f"{bp / 100:,.2f}%"
