"""A fitted model as files: read again only if they are what was written, and never by anything that could run code.

A folder named by its digest: `about.json`, arrays as `.npy` without objects, trees in LightGBM's text format. The digest is that
of all files: the same sales and seeds give the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from loanwatch.cover.model.comparables import Comparables
from loanwatch.cover.model.interval import Widths
from loanwatch.cover.model.level import Level, Levels
from loanwatch.cover.model.linear import Linear
from loanwatch.cover.model.traits import Floats
from loanwatch.cover.model.valuer import Market, Valuer
from loanwatch.errors import DataError

FORMATS = (1, 2)  # read; the last is written. The first has no levels of regions
ABOUT = "about.json"


@dataclass(frozen=True)
class Artefact:
    """A model, and what is known of it (its card): plain values that JSON holds."""

    valuer: Valuer
    card: Mapping[str, Any]


def save(artefact: Artefact, folder: Path) -> str:
    """Write the files below `folder`, once; the digest."""
    files = _files(artefact)
    name = digest(files)
    at = folder / name
    if not at.is_dir():
        begun = at.with_suffix(".begun")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        for file, content in files.items():
            (begun / file).write_bytes(content)
        begun.rename(at)
    return name


def load(folder: Path, name: str) -> Artefact:
    """The model of a digest; DataError where it is not there or not what was written."""
    at = folder / name
    if not at.is_dir():
        raise DataError(f"{at}: no such model")
    files = {path.name: path.read_bytes() for path in at.iterdir()}
    if (found := digest(files)) != name:
        raise DataError(f"{at}: its files have the digest {found}: it is not the model that was written; it is not used")
    about = json.loads(files[ABOUT])
    if about["format"] not in FORMATS:
        raise DataError(f"{at}: format {about['format']}; this program reads {FORMATS[-1]} and older")
    return Artefact(_valuer(about, files), about["card"])


def digest(files: Mapping[str, bytes]) -> str:
    """Of names and contents."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _files(artefact: Artefact) -> dict[str, bytes]:
    market, sure = artefact.valuer.market, artefact.valuer.widths
    level, regions, nearby, plain = market.level.whole, market.level.regions, market.nearby, market.plain
    arrays = {
        "level_days": level.days, "level_logs": level.logs, "place": nearby.place, "day": nearby.day,
        "unexplained": nearby.unexplained, "middle": plain.middle, "spread": plain.spread, "slopes": plain.slopes,
        **{f"effect_{place}": effect for place, effect in enumerate(plain.effects)},
        **{f"region_{place}_days": own.days for place, own in enumerate(regions.values())},
        **{f"region_{place}_logs": own.logs for place, own in enumerate(regions.values())},
        "bounds": sure.bounds, "factors": sure.factors,
    }  # fmt: skip
    trees = {f"trees_{place}": one for place, one in enumerate(market.trees)} | {"width": sure.trees}
    trees |= {f"beyond_{place}": one for place, one in enumerate(market.beyond)}
    about = {
        "format": FORMATS[-1], "kind": market.kind, "vocabulary": market.vocabulary, "slope": level.slope, "base": plain.base,
        "regions": [[name, own.slope] for name, own in regions.items()],
        "trees": len(market.trees), "beyond": len(market.beyond), "card": dict(artefact.card),
    }  # fmt: skip
    return {
        ABOUT: json.dumps(about, sort_keys=True, ensure_ascii=False).encode(),
        **{f"{name}.npy": _written(array) for name, array in arrays.items()},
        **{f"{name}.txt": one.model_to_string().encode() for name, one in trees.items()},
    }


def _valuer(about: Mapping[str, Any], files: Mapping[str, bytes]) -> Valuer:
    def array(name: str) -> Floats:
        return np.asarray(np.load(io.BytesIO(files[f"{name}.npy"]), allow_pickle=False), np.float64)

    def trees(name: str) -> lightgbm.Booster:
        return lightgbm.Booster(model_str=files[f"{name}.txt"].decode())

    effects = tuple(array(f"effect_{place}") for place in range(len(about["vocabulary"])))
    regions = {
        name: Level(array(f"region_{place}_days"), array(f"region_{place}_logs"), slope)
        for place, (name, slope) in enumerate(about.get("regions", ()))
    }
    market = Market(
        about["kind"], about["vocabulary"], Levels(Level(array("level_days"), array("level_logs"), about["slope"]), regions),
        Comparables(array("place"), array("day"), array("unexplained")), tuple(trees(f"trees_{n}") for n in range(about["trees"])),
        tuple(trees(f"beyond_{n}") for n in range(about["beyond"])),
        Linear(about["base"], array("middle"), array("spread"), array("slopes"), effects),
    )  # fmt: skip
    return Valuer(market, Widths(trees("width"), array("bounds"), array("factors")))


def _written(array: Floats) -> bytes:
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()
