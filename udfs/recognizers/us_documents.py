r"""Driver licenses and passports of the United States.

Finds: numbers in the forms of the 50 states and of the Department of State, where a word or the field's name speaks for
    them; licenses with the hyphens of Florida, Maryland and Wisconsin alone.
Leaves alone: everything of such a form beside other words, dates, placeholders.
Check: none is published that holds for all states.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._written import HEAD, TAIL, beside, glued, is_date, is_filler

# Lengths of what a state prints, without its separators. New York's eight letters are left out: they are words.
_LICENSE = (
    r"(?:[A-Z](?:[0-9]{3,14}|[0-9]{18}|[0-9]{6}R)"  # most states; Missouri's R
    r"|[A-Z]{2}[0-9]{3,7}|[A-Z]{2}[0-9]{6}[A-Z]|[A-Z]{3}[0-9]{6}"  # Ohio, Colorado, West Virginia; Idaho; North Dakota
    r"|[0-9]{2}[A-Z]{3}[0-9]{5,6}|[0-9]{3}[A-Z]{2}[0-9]{4}|[0-9]{3}[A-Z][0-9]{6}"  # New Hampshire; Iowa; Missouri
    r"|[0-9]{7,9}[A-Z]|[0-9]{8}[A-Z]{2}"  # Maine, Vermont, Missouri
    r"|[A-Z][0-9][A-Z][0-9][A-Z]|WDL[0-9A-Z]{9}|[A-Z*]{7}[0-9]{3}[0-9A-Z]{2})"  # Kansas; Washington, new and old
)
_PRINTED = (
    r"[A-Z][0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{3}-[0-9]"  # Florida
    r"|[A-Z]-[0-9]{3}-[0-9]{3}-[0-9]{3}-[0-9]{3}"  # Maryland, Minnesota, Michigan
    r"|[A-Z][0-9]{3}-[0-9]{4}-[0-9]{4}-[0-9]{2}"  # Wisconsin
)
_ILLINOIS = "[A-Z][0-9]{3}-[0-9]{4}-[0-9]{4}"
_NUMBER = r"[0-9]{6,14}|[0-9]{16}"
_LABEL = (
    r"(?<![\w-])(?:DL|OLN|DLN|CDL|lic)\b\.?[ \t]{0,2}(?:(?:#|no\.?|num(?:ber)?|id)[ \t]{0,2})?[:=]?[ \t]{0,3}"
    rf"(?P<value>{_LICENSE}|{_PRINTED}|{_NUMBER}){TAIL}"
)
_PASSPORT = "[0-9]{9}|[A-Z][0-9]{8}"
_DOCUMENT = (
    r"(?<!\w)travel[ \t]{1,2}documents?(?:[ \t]{1,2}(?:#|no\.?|number|id))?(?:[ \t]{1,2}is)?[ \t]{0,2}[:=#]?[ \t]{0,3}"
    rf"(?P<value>{_PASSPORT}){TAIL}"
)


def _no_filler(text: str) -> bool | None:
    """None for what may be a number: no date, and not one digit alone."""
    digits = text.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return False if not text.isascii() or is_date(text) or (len(digits) > 5 and is_filler(digits)) else None


RECOGNIZERS = (
    Recognizer(
        "UsDriverLicense",
        "US_DRIVER_LICENSE",
        (
            Pattern("letters and digits", rf"{HEAD}(?:{_LICENSE}|{_ILLINOIS}){TAIL}", 0.3),
            Pattern("digits", rf"{HEAD}(?:{_NUMBER}){TAIL}", 0.05),
            Pattern("as Florida, Maryland and Wisconsin print it", rf"{HEAD}(?:{_PRINTED}){TAIL}", 0.4),
            Pattern("beside its name", _LABEL, 0.6),
            Pattern(
                "beside its whole name",
                beside("licen[cs]e(?:[ _]?(?:number|num|no\\.?))?", f"{_LICENSE}|{_NUMBER}"),
                0.6,
            ),
        ),
        context=("driver", "license", "licence", "permit", "driving", "cdl", "dln", "dmv", "lic#", "drivers license"),
        country="us",
        check=_no_filler,
        against=("order", "part", "invoice", "sku", "batch", "serial", "model", "ticket"),
        replaces=("UsLicenseRecognizer",),
        reference="https://ntsi.com/drivers-license-format/",
    ),
    Recognizer(
        "UsPassport",
        "US_PASSPORT",
        (
            Pattern("nine digits, or a letter and eight", rf"{HEAD}(?:{_PASSPORT}){TAIL}", 0.1),
            Pattern("travel document", _DOCUMENT, 0.6),
            Pattern("beside its name", glued("passport(?:[ _]?(?:number|num|no\\.?))?", _PASSPORT), 0.6),
        ),
        context=("passport", "travel document", "passport number"),
        country="us",
        check=_no_filler,
        replaces=("UsPassportRecognizer",),
        reference="https://travel.state.gov/content/travel/en/passports/passport-help/next-generation-passport.html",
    ),
)
