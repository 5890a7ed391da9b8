"""Vehicle identification numbers (ISO 3779): whether the check digit, the ninth of the 17 places, is right.

It is binding in North America (49 CFR 565.15) and China (GB 16735), elsewhere the place may hold anything: a wrong one is
told of a vehicle, none is turned away for it. It is looked at before the number becomes a token.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Letters = npt.NDArray[np.uint8]

LENGTH, CHECK_PLACE = 17, 8
ALPHABET = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ"  # without I, O, Q
_WORTH = np.full(256, -1)
_WORTH[np.frombuffer(ALPHABET, np.uint8)] = [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)]
_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
_CHECKS = np.frombuffer(b"0123456789X", np.uint8)


def vin_wrong(kind: pa.ChunkedArray, locator: pa.ChunkedArray) -> pa.Array:
    """Of vehicles whose locator is spelled as a VIN, whether it cannot be one; null of all others, such as plates."""
    spelled = pc.utf8_upper(pc.replace_substring_regex(locator, r"[\s-]", ""))
    like = pc.and_(pc.match_substring_regex(spelled, rf"^[A-Z0-9]{{{LENGTH}}}$"), pc.match_substring_regex(spelled, "[A-Z]"))
    is_vin = pc.fill_null(pc.and_(like, pc.equal(kind, "vehicle")), False).to_numpy()
    letters = np.frombuffer("".join(spelled.filter(pa.array(is_vin)).to_pylist()).encode(), np.uint8).reshape(-1, LENGTH)
    wrong = np.zeros(len(is_vin), bool)
    wrong[is_vin] = (_WORTH[letters] < 0).any(1) | (letters[:, CHECK_PLACE] != check_letters(letters))
    return pa.array(wrong, mask=~is_vin)


def check_letters(letters: Letters) -> Letters:
    """The check digit that belongs to each number, a row of letters each; X stands for ten."""
    result: Letters = _CHECKS[_WORTH[letters] @ _WEIGHTS % 11]
    return result
