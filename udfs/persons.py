"""Persons: whom each record is about, for masks with a subject."""

import numpy as np
import pyarrow as pa

from udfs.found import leaf_texts
from udfs.places import Places
from udfs.records.read import rows_of
from udfs.records.sheet import NUMBER, STRING, Ints, Sheet


def persons(sheet: Sheet, places: Places, path: str) -> pa.StringArray:
    """The value at a path of each record.

    Args:
        path: a subject's path in the plan.

    Returns:
        One text for each row; null where the record has no text or number there, or several that differ.
    """
    here = (places.watched[sheet.leaves.path] >> places.bit(path)) & 1
    named = (sheet.leaves.kind == STRING) | (sheet.leaves.kind == NUMBER)
    chosen: Ints = np.flatnonzero((here == 1) & named)
    texts = leaf_texts(sheet, chosen).dictionary_encode()
    codes, rows = texts.indices.to_numpy(zero_copy_only=False).astype(np.int64), rows_of(sheet)[chosen]
    lowest, highest = np.full(sheet.rows, len(codes), np.int64), np.full(sheet.rows, -1, np.int64)
    np.minimum.at(lowest, rows, codes)
    np.maximum.at(highest, rows, codes)
    return texts.dictionary.take(pa.array(np.maximum(highest, 0), mask=lowest != highest))
