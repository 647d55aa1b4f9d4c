"""surrogate: puts a fake of the same kind in the place of every value: a name for a name, a card for a card.

Which fake it is depends on HMAC-SHA-256 (RFC 2104) of the value in UTF-8, under a key derived for this mask and its
scope, and on tables of this package: not on any library's random numbers, nor on the batch. No fake is its own value.

What cannot be anybody's: e-mail addresses and links at example.com, .net and .org (RFC 2606), IP addresses for
documentation (RFC 5737, RFC 3849), telephone numbers that are kept for films or that no plan uses, cards, accounts
and US social security numbers in ranges that are not given out (with right check digits), British, German and
Canadian postcodes of no place, version 8 UUIDs, locally administered MAC addresses. Names, companies, towns and
addresses are common ones, put together by chance: they may exist. All other entities get a text of the same form, a
digit for a digit and a letter for a letter: identifiers with a check digit (`surrogates/checks.yaml`) with a wrong
one; one without may by chance be somebody's.

Two values may get the same fake, as two people may have the same name. Of n distinct values, two do so with a
probability of about n^2 / 2N; with 1.2 times the root of N, it is one half:

    entity              N          one half at
    PERSON, two names   3.5e4      220 values (each locale has some 190 given and 190 family names)
    EMAIL_ADDRESS       1e11       370,000
    URL                 6e8        29,000 (without its path)
    PHONE_NUMBER        6.2e4 US, 1.7e4 GB, 5e3 DE, 6e4 FR, 1e5 and more elsewhere: 290, 150, 83, 290, 370
    CREDIT_CARD         1e13       3,700,000 (16 digits)
    IBAN_CODE           1e10       118,000 (Germany)
    US_SSN              5.4e7      8,700
    IP_ADDRESS          762        33 (version 4); 8e28 (version 6)
    LOCATION            150        15 towns; 1.2e5 streets with numbers: 400
    ORGANIZATION        2e4        170
    MAC_ADDRESS         7e13       9,800,000
    UUID                5e36       never
    any other           10^digits * 26^letters

So it is no key to join on where N is small: `pseudonym` is.

Keeps: which values are equal; the kind of thing; of names the number of parts, titles and the case; the scheme of a
    link, the country of a telephone or account number, the version of an IP address, the port, the legal form of a
    company; length and separators of numbers, identifiers and paths.
Destroys: the value; also sex, origin and age of a name.
Exposure: pseudonym.
Reversible: by whoever holds the root key and can guess the value; otherwise by nobody.
Joinable: within the scope, with values of this mask in the same locale, as far as the fakes do not coincide; nowhere
    else.
Raises: MaskError without a key.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> names = pa.array(["Ann Lee", "DR. BOB MARLEY", None, "Ann Lee"])
>>> MASK.apply(names, SurrogateParams(), MaskContext("PERSON", bytes(32))).to_pylist()
['Ashley Nguyen', 'DR. LEAH PETERS', None, 'Ashley Nguyen']
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel

from policy.catalog import KINDS, MaskInfo
from udfs.mask import _surrogate_numbers as numbers
from udfs.mask import _surrogate_words as words
from udfs.mask._base import KeyedParams, Mask, MaskContext, always
from udfs.mask._keyed import digests, distinct, normalise, texts_of
from udfs.mask._surrogate_draw import Draw
from udfs.mask._surrogate_phones import phone

Maker = Callable[[str, Draw, words.Locale], str | None]

_MAKERS: dict[str, Maker] = {
    "CA_POSTAL_CODE": numbers.canadian_postcode,
    "CREDIT_CARD": numbers.card,
    "DE_PLZ": numbers.german_postcode,
    "EMAIL_ADDRESS": words.email,
    "IBAN_CODE": numbers.iban,
    "IP_ADDRESS": numbers.ip,
    "LOCATION": words.place,
    "MAC_ADDRESS": numbers.mac,
    "ORGANIZATION": words.organization,
    "PERSON": words.person,
    "PHONE_NUMBER": phone,
    "UK_NINO": numbers.nino,
    "UK_POSTCODE": numbers.uk_postcode,
    "URL": words.url,
    "US_ATIN": numbers.ssn,
    "US_ITIN": numbers.ssn,
    "US_SSN": numbers.ssn,
    "UUID": numbers.uuid,
    "ZA_MOBILE_NUMBER": partial(phone, region="ZA"),
    "ZA_TELEPHONE_NUMBER": partial(phone, region="ZA"),
}


class SurrogateParams(KeyedParams):
    """Parameters of `surrogate`, besides those of every keyed mask.

    With `ignore_case`, a fake is written as its table or standard has it; with `ignore_space`, a name has two parts
    and no fake has the value's white space. Otherwise values that are to be masked alike could not be.

    Attributes:
        locale: language and country of names, places and companies, and of telephone numbers without a country code.
    """

    locale: Literal["de_DE", "en_GB", "en_US", "es_ES", "fr_FR", "it_IT", "nl_NL", "pt_PT"] = "en_US"


def _kinds(params: BaseModel) -> frozenset[str]:
    return frozenset(KINDS) - {"date", "number"}


def _surrogate(values: pa.StringArray, params: SurrogateParams, context: MaskContext) -> pa.StringArray:
    texts, indices = distinct(values)
    rows = digests(texts, context.required_key(), params)
    fakes = [_fake(text, Draw(row.tobytes()), params, context) for text, row in zip(texts_of(texts), rows, strict=True)]
    return pa.array(fakes, pa.string()).take(indices)


def _fake(value: str, draw: Draw, params: SurrogateParams, context: MaskContext) -> str:
    text = _told(normalise(value, params), params, context.entity)
    names = words.locale(params.locale)
    make = _MAKERS.get(context.entity)
    same = _plain(value)
    while True:
        made = make(text, draw, names) if make else None
        if made is None:
            fake = numbers.unlike_any(text, draw, context.entity)
        else:
            fake = made if params.ignore_case else _cased(made, text)
        if _plain(fake) != same:
            return fake


def _told(text: str, params: SurrogateParams, entity: str) -> str:
    """What the fake is made after: the same for all values that are masked alike."""
    if params.ignore_space and entity == "PERSON" and any(map(str.isalpha, text)):
        return "Given Family"
    return text.upper() if params.ignore_case else text


def _cased(fake: str, text: str) -> str:
    return fake.upper() if text.isupper() else fake.lower() if text.islower() else fake


def _plain(text: str) -> str:
    return "".join(text.casefold().split())


MASK = Mask(
    MaskInfo("surrogate", SurrogateParams, always("pseudonym"), keyed=True, kinds=_kinds, doc=__doc__), _surrogate
)
