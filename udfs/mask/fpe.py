"""fpe: encrypts letters or digits as others of the same kind, so that the value keeps its form.

FF1 (NIST SP 800-38G) with AES-256, over the characters of the alphabet. A card number becomes another number of as many
digits, a plate another plate. There must be 1,000,000 values of the form at least (SP 800-38G Revision 1): 6 digits, or
5 letters, that do not stay.

The tweak, on which the result depends besides the key, is: the entity and the alphabet (its name, or `characters:` and
its characters in UTF-8), each after its length in 4 bytes; one byte, 1 with `luhn`, else 0; three numbers of 4 bytes,
the length of the pattern, `keep_first` and `keep_last`; the pattern, a byte for each encrypted character, the number
of its class, if the alphabet has more than one; and the kept characters in UTF-32-BE. All numbers are big-endian. So
numbers of two BINs, or one number as two entities, have nothing in common.

`letters` and `alphanumeric` encrypt each character within its class (digits, upper case, lower case). Where the classes
of a value differ in size, the numeral string is the value's rank among those of its pattern; see `_fpe_domain`. With
`luhn`, the last digit that does not stay is not encrypted but computed again: the others determine it, so that valid
numbers become valid numbers, each another one.

Keeps: which values are equal, the length, every character that is neither letter nor digit, the class of each
    character, and as many characters of the alphabet at the beginning and end as the parameters say.
Destroys: all other characters of the alphabet, until they are decrypted.
Exposure: reversible.
Reversible: by whoever holds the root key.
Joinable: within the scope and epoch, with values of this mask under the same parameters, for the same entity; nowhere
    else. Values that differ only in separators are masked alike.
Raises: MaskError without a key; and for a value that has a letter or digit outside of the alphabet, or that has too few
    characters, or more than 1,000, or no valid check digit where `luhn` asks for one, unless `otherwise` is `redact`.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> cards, context = pa.array(["4111-1111-1111-1111", None]), MaskContext("CREDIT_CARD", bytes(32))
>>> masked = MASK.apply(cards, FpeParams(keep_first=6, luhn=True), context)
>>> masked.to_pylist()
['4111-1165-0821-5805', None]
>>> MASK.open(masked, FpeParams(keep_first=6, luhn=True), context).to_pylist()
['4111-1111-1111-1111', None]
"""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field, model_validator

from policy.catalog import MaskInfo
from udfs.crypto.ff1 import MINIMUM_DOMAIN, decrypt_batch, encrypt_batch
from udfs.mask._base import Mask, MaskContext, StrictParams, always, unless_redacted
from udfs.mask._flat import Flat, build, flatten
from udfs.mask._fpe_alphabet import FOREIGN, Alphabet, AlphabetName, Characters, Codes, alphabet, codes, units_of
from udfs.mask._fpe_domain import permuted

Bools = npt.NDArray[np.bool_]

_LONGEST = 1000
"""Characters that one value encrypts at most: time grows with the square of the length, and so many take 2.5 ms."""

_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.int16)
"""ISO/IEC 7812-1, annex B: a digit doubled, and the digits of that added up."""

_HALVED = np.argsort(_DOUBLED).astype(np.int16)


class FpeParams(StrictParams):
    """Parameters of `fpe`, besides those of every mask that understands only some values.

    Attributes:
        scope: name of the scope whose key is used; None for the segment's own.
        alphabet: the characters that are encrypted: `digits`, `lower` (a-z), `upper` (A-Z), `letters` (both, each in
            its case), `alphanumeric` (letters and digits, each as its like), `hex` (0-9 and a-f; those of upper case
            are `{characters: 0123456789ABCDEF}`, since a digit that becomes a letter would not know its case), or
            `{characters: ...}` with 2 to 1000 characters of one's own.
        keep_first: how many characters of the alphabet stay at the beginning, as the BIN of a card; at most 64.
        keep_last: how many stay at the end.
        luhn: True encrypts numbers with a valid Luhn check digit (ISO/IEC 7812-1) as such numbers; only for `digits`.
    """

    scope: str | None = Field(default=None, min_length=1, max_length=128)
    alphabet: AlphabetName | Characters = "digits"
    keep_first: int = Field(default=0, ge=0, le=64)
    keep_last: int = Field(default=0, ge=0, le=64)
    luhn: bool = False

    @model_validator(mode="after")
    def _luhn_has_digits(self) -> "FpeParams":
        if self.luhn and self.alphabet != "digits":
            raise ValueError("luhn is for numbers: alphabet must be digits with it")
        return self


class _Job(NamedTuple):
    """What is the same for all values of a batch."""

    params: FpeParams
    alphabet: Alphabet
    class_of: npt.NDArray[np.uint8]  # by code
    size_of: npt.NDArray[np.uint16]  # by code: of its class
    first_of: npt.NDArray[np.int16]  # by code: the first code of its class
    cipher: Callable[..., npt.NDArray[np.uint16]]  # FF1 with its key
    entity: str


def _apply(values: pa.StringArray, params: FpeParams, context: MaskContext) -> pa.StringArray:
    return _changed(values, _job(params, context, encrypt_batch))


def _open(values: pa.StringArray, params: FpeParams, context: MaskContext) -> pa.StringArray:
    strict = params.model_copy(update={"otherwise": "fail"})
    return _changed(values, _job(strict, context, decrypt_batch))


def _job(params: FpeParams, context: MaskContext, cipher: Callable[..., npt.NDArray[np.uint16]]) -> _Job:
    chosen = alphabet(params.alphabet)
    lengths = [len(characters) for characters in chosen.classes]
    starts = np.cumsum([0, *lengths[:-1]])
    return _Job(
        params,
        chosen,
        np.repeat(np.arange(len(lengths), dtype=np.uint8), lengths),
        np.repeat(np.array(lengths, np.uint16), lengths),
        np.repeat(starts.astype(np.int16), lengths),
        partial(cipher, context.required_key()),
        context.entity,
    )


def _changed(values: pa.StringArray, job: _Job) -> pa.StringArray:
    text = flatten(values, "utf-32-le")
    found = codes(text.units, job.alphabet.characters)
    inside = found >= 0
    bounds = np.append(0, np.cumsum(inside)).take(text.offsets)
    wanted = _without(found == FOREIGN, text) & (np.diff(bounds) > 0)
    changed, encrypted = _each_length(found[inside], bounds, wanted, job)
    understood = encrypted | (text.lengths == 0)
    if not understood.all():
        unless_redacted(job.params, _expected(job.params))
    characters = units_of(job.alphabet.characters)
    units = text.units.astype(np.promote_types(text.units.dtype, characters.dtype))
    units[inside] = characters.take(changed)
    return _built(units, text, understood, values)


def _without(unwanted: Bools, text: Flat) -> Bools:
    """Which values have none of the unwanted units."""
    if not unwanted.any():
        return np.ones(len(text.lengths), np.bool_)
    return np.diff(np.append(0, np.cumsum(unwanted)).take(text.offsets)) == 0


def _expected(params: FpeParams) -> str:
    check = " and have a valid Luhn check digit" if params.luhn else ""
    return (
        f"must be written in the alphabet and separators, with {MINIMUM_DOMAIN:,} possible values at least "
        f"(6 digits or 5 letters besides those that stay){check}"
    )


def _built(units: npt.NDArray[Any], text: Flat, understood: Bools, values: pa.StringArray) -> pa.StringArray:
    """The values, those empty that are not understood."""
    if understood.all():
        return build(units, text.offsets, values)
    lengths = text.lengths
    kept = units[np.repeat(understood, lengths)]
    return build(kept, np.append(0, np.cumsum(lengths * understood)).astype(np.int32), values)


def _each_length(found: Codes, bounds: npt.NDArray[np.int64], wanted: Bools, job: _Job) -> tuple[Codes, Bools]:
    """Changes the wanted values, those of one length together.

    Returns:
        The codes of all values, and which values were changed.
    """
    counts = np.diff(bounds)
    changed, done = found.copy(), np.zeros(len(counts), np.bool_)
    for count in np.unique(counts[wanted]).tolist():
        rows = np.flatnonzero(wanted & (counts == count))
        if len(rows) == len(counts):
            outcome, done = _same_length(found.reshape(-1, count), job)
            return outcome.reshape(-1), done
        places = bounds[rows, None] + np.arange(count)
        outcome, done[rows] = _same_length(found[places], job)
        changed[places] = outcome
    return changed, done


def _same_length(found: Codes, job: _Job) -> tuple[Codes, Bools]:
    """Changes values of one length, as codes of the characters of the alphabet, a row each.

    Returns:
        The rows, and which of them were changed.
    """
    params = job.params
    length = found.shape[1]
    end = length - params.keep_last
    check = end - 1 if params.luhn else end
    nothing = np.zeros(len(found), np.bool_)
    if not params.keep_first < check <= params.keep_first + _LONGEST:
        return found, nothing
    wanted = _luhn_sums(found) == 0 if params.luhn else ~nothing
    free = slice(params.keep_first, check)
    kept = np.concatenate([found[:, : params.keep_first], found[:, end:]], axis=1)
    changed = found.copy()
    changed[:, free], done = _each_size(found[:, free], kept, wanted, job)
    if params.luhn:
        changed[:, check] = _luhn_digit(changed, check)
    return changed, done


def _luhn_sums(digits: Codes) -> npt.NDArray[np.int32]:
    """The sum of ISO/IEC 7812-1 of each row, modulo 10: 0 for a valid number."""
    # By columns, which is five times as fast as sums along short rows.
    total = np.zeros(len(digits), np.int32)
    for place, column in enumerate(digits.T):
        total += column if (digits.shape[1] - place) % 2 else _DOUBLED.take(column)
    return total % 10


def _luhn_digit(digits: Codes, place: int) -> npt.NDArray[Any]:
    """The digit at `place` that makes each row valid."""
    others = digits.copy()
    others[:, place] = 0
    missing = -_luhn_sums(others) % 10
    return missing if (digits.shape[1] - place) % 2 else _HALVED.take(missing)


def _each_size(free: Codes, kept: Codes, wanted: Bools, job: _Job) -> tuple[Codes, Bools]:
    """Encrypts or decrypts the free characters of the wanted rows, those with as many possible values together."""
    sizes = job.size_of.take(free)
    # Classes have two sizes at most, so rows with as many characters of the first one have as many possible values.
    kinds = (sizes == job.size_of[0]).sum(axis=1) if len(job.alphabet.classes) > 1 else np.zeros(len(free), np.int64)
    changed, done = free.copy(), np.zeros(len(free), np.bool_)
    for kind in np.unique(kinds[wanted]).tolist():
        rows = np.flatnonzero(wanted & (kinds == kind))
        if prod(sizes[rows[0]].tolist()) >= MINIMUM_DOMAIN:
            changed[rows] = _permuted(free[rows], kept[rows], sizes[rows], job)
            done[rows] = True
    return changed, done


def _permuted(free: Codes, kept: Codes, sizes: npt.NDArray[Any], job: _Job) -> Codes:
    firsts = job.first_of.take(free)
    head, tails = _tweaks(free, kept, job)

    def cipher(numerals: npt.NDArray[Any], radix: int, rows: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint16]:
        return job.cipher(numerals, radix, head, rows)

    return permuted(cipher, free - firsts, sizes, tails).astype(np.int16) + firsts


def _tweaks(free: Codes, kept: Codes, job: _Job) -> tuple[bytes, npt.NDArray[np.uint8] | None]:
    """The tweaks, as the documentation of this mask says: what is the same for all, and what follows for each."""
    several = len(job.alphabet.classes) > 1
    pattern = job.class_of.take(free if several else free[:, :0])
    stays = units_of(job.alphabet.characters).take(kept).astype(">u4").view(np.uint8).reshape(len(kept), -1)
    head = b"".join(len(part).to_bytes(4, "big") + part for part in (job.entity.encode(), job.alphabet.label))
    head += bytes([job.params.luhn])
    for number in (pattern.shape[1], job.params.keep_first, job.params.keep_last):
        head += number.to_bytes(4, "big")
    tails = np.concatenate([pattern, stays], axis=1)
    return head, tails if tails.shape[1] else None


def _kinds(params: BaseModel) -> frozenset[str]:
    """What keeps its form is no date and no network address any more, and an age has too few digits."""
    return frozenset({"text", "postcode", "place"})


MASK = Mask(
    MaskInfo("fpe", FpeParams, always("reversible"), shorthand="alphabet", keyed=True, kinds=_kinds, doc=__doc__),
    _apply,
    _open,
)
