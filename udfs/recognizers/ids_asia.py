r"""Identifiers of West, Central, South and Southeast Asia: India, Indonesia, Israel, Malaysia, Singapore and others.

Finds: AE Emirates ID; ID NIK and NPWP; IL identity and company numbers; IN Aadhaar, virtual ID, PAN, GSTIN and voter
    number; KZ IIN; MY NRIC; PK CNIC; SA identity number; SG NRIC or FIN, and UEN. Plain or as printed.
Leaves alone: wrong check digits, dates and places that are none, palindromes for IN Aadhaar. Only with a word of the
    context: a PK CNIC without its dashes, an Israeli number without its leading zero, and a GSTIN, NRIC or
    Emirates ID whose form is right and whose check character is wrong: such ones are made up for examples.
Check: Verhoeff for Aadhaar, Luhn for NPWP, Israel, voter numbers, Emirates ID and SA, Luhn modulo 36 for GSTIN, weights
    modulo 11 for KZ, SG; date and place for NIK and MY NRIC; kind of holder for PAN.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from stdnum import luhn as stdnum_luhn
from stdnum.exceptions import ValidationError

from udfs.recognizers._ids import AGAINST, validator
from udfs.recognizers._ids_world import TIE, birthday, by_luhn, grade, identifier, luhn, weighted

_STDNUM = "https://arthurdejong.org/python-stdnum/doc/2.2/stdnum."
_UNSURE = 0.25
"""The score of a right form with a wrong check character: too low without a word of the context."""
_CARDS = (*AGAINST, "card", "credit", "debit")
_is_pan = validator("in_.pan")
_full_israeli = grade(by_luhn("il.idnr"), 0.4, 0.5)
_short_israeli = grade(by_luhn("il.idnr"), 0.3)


def emirates_id(text: str) -> bool:
    """True for an Emirates ID whose year of birth may be one and whose last digit is right (Luhn).

    Args:
        text: `784`, four digits, seven and one, with or without separators.

    Reference: https://en.wikipedia.org/wiki/National_identification_number#United_Arab_Emirates

    >>> emirates_id("784-1980-1234567-8"), emirates_id("784-1980-1234567-9")
    (True, False)
    """
    digits = "".join(c for c in text if c.isdigit())
    return digits[3:5] in ("18", "19", "20") and luhn(digits)


def kazakh(text: str) -> bool:
    """True for a Kazakh individual identification number: birth date, century and sex, serial number, check digit.

    The check digit is the sum by the weights 1 to 11 modulo 11; where that is 10, by the weights from 3 on.

    Reference: https://adilet.zan.kz/rus/docs/P030000565_

    >>> kazakh("900101300017"), kazakh("900101300016"), kazakh("901301300017")
    (True, False, False)
    """
    check = weighted(text, range(1, 12)) % 11
    if check == 10:
        check = weighted(text, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return birthday(text[2:4], text[4:6]) and text[6] in "123456" and check == int(text[-1])


def singaporean(text: str) -> bool:
    """True for an NRIC or FIN of Singapore whose last letter is right: weights modulo 11, letters by its series.

    Reference: https://en.wikipedia.org/wiki/National_Registration_Identity_Card#Structure_of_the_NRIC_number/FIN

    >>> singaporean("S1234567D"), singaporean("S1234567E")
    (True, False)
    """
    letters, start = _SERIES[text[0]]
    return letters[(weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + start) % 11] == text[-1]


_SERIES = {
    "S": ("JZIHGFEDCBA", 0),
    "T": ("JZIHGFEDCBA", 4),
    "F": ("XWUTRQPNMLK", 0),
    "G": ("XWUTRQPNMLK", 4),
    "M": ("XWUTRQPNJLK", 3),
}
"""Per series, the check letters and where the sum starts."""


def _emirates(text: str) -> float:
    return grade(emirates_id, 0.8, 1.0)(text) or (0.0 if text.isalnum() else _UNSURE)


def _nric(text: str) -> float:
    if not text.isascii():
        return 0.0
    return 1.0 if singaporean(text) else _UNSURE


def _uen(text: str) -> float:
    """A business has a number and one letter, a local company its year, others their kind too."""
    return grade("sg.uen", 0.6 if len(text) == 9 else 0.7 if text[0].isdigit() else 1.0)(text)


def _gstin(text: str) -> float:
    """Also of states that are younger than the list of python-stdnum: 38 Ladakh, 97 other territory, 99 the centre."""
    if not text.isascii() or not _is_pan(text[2:12]) or text[12] == "0":
        return 0.0
    try:
        stdnum_luhn.validate(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    except ValidationError:
        return _UNSURE
    return 1.0


def _israeli(text: str) -> float:
    """A leading zero may be left out, and Luhn, from the right, does not mind."""
    return _short_israeli(text) if len(text) == 8 else _full_israeli(text)


RECOGNIZERS = (
    identifier(
        "AeEmiratesId",
        "AE_EMIRATES_ID",
        rf"784{TIE}\d{{4}}{TIE}\d{{7}}{TIE}\d",
        _emirates,
        context=("emirates", "(eid)"),
        reference="https://en.wikipedia.org/wiki/National_identification_number#United_Arab_Emirates",
    ),
    identifier(
        "IdNik",
        "ID_NIK",
        r"[1-9]\d{5}[. -]?\d{6}[. -]?\d{4}",
        grade("id.nik", 0.5, 0.7),
        context=("(nik)", "ktp", "kependudukan"),
        against=_CARDS,
        reference="https://id.wikipedia.org/wiki/Nomor_Induk_Kependudukan",
    ),
    identifier(
        "IdNpwp",
        "ID_NPWP",
        r"\d{2}\.?\d{3}\.?\d{3}\.?\d-?\d{3}\.?\d{3}|0\d{15}",
        grade("id.npwp", 0.4, 0.9),
        context=("npwp", "pajak"),
        against=(*_CARDS, "imei"),
        reference=_STDNUM + "id.npwp",
    ),
    identifier(
        "IlIdnr",
        "IL_IDNR",
        rf"\d{{7,8}}{TIE}\d|\d{{8}}",
        _israeli,
        context=("teudat", "zehut", "זהות", 'ת"ז', "israeli", "(israeli id number)", "(תעודת זהות)", "(israeli id)"),
        reference="https://en.wikipedia.org/wiki/Israeli_identity_card",
    ),
    identifier(
        "IlHp",
        "IL_HP",
        rf"5\d{TIE}\d{{6}}{TIE}\d",
        grade(by_luhn("il.hp"), 0.45, 0.6),
        context=("חברה", 'ח"פ', "israeli"),
        reference=_STDNUM + "il.hp",
    ),
    identifier(
        "InAadhaar",
        "IN_AADHAAR",
        rf"[2-9]\d{{3}}(?:{TIE}|:)\d{{4}}(?:{TIE}|:)\d{{4}}",
        lambda text: grade("in_.aadhaar", 0.45, 0.8)(text.replace(":", "-")),
        context=("aadhaar", "aadhar", "adhaar", "uidai", "आधार"),
        against=_CARDS,
        replaces=("InAadhaarRecognizer",),
        reference="https://uidai.gov.in/",
    ),
    identifier(
        "InVid",
        "IN_VID",
        rf"[2-9]\d{{3}}{TIE}\d{{4}}{TIE}\d{{4}}{TIE}\d{{4}}",
        grade("in_.vid", 0.4),
        context=("(vid)", "aadhaar", "aadhar", "uidai"),
        against=_CARDS,
        reference="https://uidai.gov.in/en/contact-support/have-any-question/284-faqs/aadhaar-online-services/virtual-id-vid.html",
    ),
    identifier(
        "InPan",
        "IN_PAN",
        r"[A-Z]{3}[ABCFGHJKLPT][A-Z]\d{4}[A-Z]",
        grade("in_.pan", 0.6),
        context=("(pan)", "pancard", "panno", "permanent account"),
        replaces=("InPanRecognizer",),
        reference="https://en.wikipedia.org/wiki/Permanent_account_number",
    ),
    identifier(
        "InGstin",
        "IN_GSTIN",
        r"(?:[0-2]\d|3[0-8]|9[79])[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]",
        _gstin,
        context=("gstin", "(gst)", "gstn"),
        replaces=("InGstinRecognizer",),
        reference="https://en.wikipedia.org/wiki/Goods_and_Services_Tax_(India)",
    ),
    identifier(
        "InEpic",
        "IN_VOTER",
        r"[A-Z]{3}\d{7}",
        grade("in_.epic", 0.8),
        context=("voter", "epic", "elector"),
        reference="https://en.wikipedia.org/wiki/Voter_ID_(India)",
    ),
    identifier(
        "KzIin",
        "KZ_IIN",
        r"\d{2}(?:0[1-9]|1[0-2])\d{2}[1-6]\d{5}",
        grade(kazakh, 0.6),
        context=("иин", "жсн", "(iin)"),
        reference="https://adilet.zan.kz/rus/docs/P030000565_",
    ),
    identifier(
        "MyNric",
        "MY_NRIC",
        rf"\d{{2}}(?:0[1-9]|1[0-2])\d{{2}}{TIE}\d{{2}}{TIE}\d{{4}}",
        grade("my.nric", 0.45, 0.8),
        context=("nric", "mykad", "kad pengenalan", "pengenalan"),
        reference=_STDNUM + "my.nric",
    ),
    identifier(
        "PkCnic",
        "PK_CNIC",
        rf"[1-7]\d{{4}}{TIE}\d{{7}}{TIE}[1-9]",
        grade("pk.cnic", 0.1, 0.6),
        context=("cnic", "nicop", "nadra", "شناختی"),
        reference="https://www.nadra.gov.pk/identity/identity-cnic/",
    ),
    identifier(
        "SaNationalId",
        "SA_NATIONAL_ID",
        r"[12]\d{9}",
        grade(luhn, 0.4),
        context=("iqama", "saudi", "الهوية", "هوية", "إقامة"),
        reference="https://en.wikipedia.org/wiki/National_identification_number#Saudi_Arabia",
    ),
    identifier(
        "SgNric",
        "SG_NRIC_FIN",
        r"[STFGM]\d{7}[A-Z]",
        _nric,
        context=("nric", "(fin)", "singpass"),
        replaces=("SgFinRecognizer",),
        reference="https://en.wikipedia.org/wiki/National_Registration_Identity_Card",
    ),
    identifier(
        "SgUen",
        "SG_UEN",
        r"\d{8,9}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z]",
        _uen,
        context=("uen", "acra", "unique entity", "entity number"),
        replaces=("SgUenRecognizer",),
        reference="https://www.uen.gov.sg/ueninternet/faces/pages/admin/aboutUEN.jspx",
    ),
)
