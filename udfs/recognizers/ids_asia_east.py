r"""Identifiers of East Asia, Thailand and Vietnam.

Finds: CN resident identity number and unified social credit code; HK identity card number; JP individual and corporate
    number; KR resident registration and business registration number; TH identity and juristic person number; TW
    identity and unified business number; VN tax number. Plain or as printed, with letters of the country before or
    behind.
Leaves alone: wrong check digits, dates and places that are none. TW business numbers, eight digits of which one in nine
    passes, and VN numbers of 13 digits without their dash are found only with a word of the context.
Check: ISO 7064 MOD 11-2, birth date and place for CN identity numbers, modulo 31 for the credit code; modulo 11 for HK,
    JP, KR, TH, VN, modulo 10 for KR business and TW numbers, modulo 9 for JP corporate ones. A resident registration
    number of Korea given out since October 2020 has random digits behind the digit for century and sex: its date is
    all that can be checked, so a wrong check digit lowers the score.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from udfs.recognizers._ids import DASH, validator
from udfs.recognizers._ids_world import CLOCK, TIE, birthday, grade, identifier, weighted

_STDNUM = "https://arthurdejong.org/python-stdnum/doc/2.2/stdnum."
_TAIWAN = {letter: number for number, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", 10)}
"""What the first letter of a Taiwanese identity number counts."""
_is_rrn = validator("kr.rrn")
_has_brn_parts = validator("kr.brn")


def hong_kong(text: str) -> bool:
    """True for a Hong Kong identity card number whose check digit is right: weights 9 to 1 modulo 11.

    Args:
        text: one or two letters, six digits, and the check digit or A, in parentheses or not.

    Reference: https://en.wikipedia.org/wiki/Hong_Kong_identity_card#Meaning_of_the_identity_card_number

    >>> hong_kong("A123456(3)"), hong_kong("A1234564"), hong_kong("AB987654(3)")
    (True, False, True)
    """
    signs = [36] * 9 + [int(c, 36) for c in text if c.isalnum()]
    return sum(value * weight for value, weight in zip(signs[-9:], range(9, 0, -1), strict=True)) % 11 == 0


def taiwanese(text: str) -> bool:
    """True for an identity or residence number of Taiwan whose check digit is right: weights modulo 10.

    Reference: https://en.wikipedia.org/wiki/National_Identification_Card_(Republic_of_China)

    >>> taiwanese("A123456789"), taiwanese("A123456788")
    (True, False)
    """
    return weighted(f"{_TAIWAN[text[0]]}{text[1:]}", (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def korean_business(text: str) -> bool:
    """True for a business registration number of Korea whose parts and check digit are right: weights modulo 10.

    Reference: https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/Korea-TIN.pdf

    >>> korean_business("116-82-00276"), korean_business("116-82-00277")
    (True, False)
    """
    digits = "".join(c for c in text if c.isdigit())
    total = weighted(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(digits[8]) * 5 // 10
    return int(digits[-1]) == -total % 10 and _has_brn_parts(text)


def _rrn(text: str) -> float:
    digits = "".join(c for c in text if c.isdigit())
    if not text.isascii() or not birthday(digits[2:4], digits[4:6]):
        return 0.0
    if _is_rrn(digits):
        return 0.9
    # Not for those born before 1900, and not for foreigners, whose numbers are KR_FRN.
    return (0.4 if text.isdigit() else 0.5) if digits[6] in "1234" else 0.0


def foreigner(digits: str) -> bool:
    """True for thirteen digits whose last one is that of a foreigner's number of Korea: as a resident's, plus two.

    Reference: https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/Korea-TIN.pdf

    >>> foreigner("9401015123451"), foreigner("9401015123455")
    (True, False)
    """
    return (13 - weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(digits[12])


def _frn(text: str) -> float:
    digits = "".join(c for c in text if c.isdigit())
    if not text.isascii() or not birthday(digits[2:4], digits[4:6]):
        return 0.0
    if foreigner(digits):
        return 0.65 if text.isdigit() else 1.0
    # Those given out since October 2020 have no check digit.
    return 0.4 if text.isdigit() else 0.5


def _uscc(text: str) -> float:
    return grade("cn.uscc", 0.5 if text.isdigit() else 0.9)(text)


def _vietnamese(text: str) -> float:
    """A branch is one of the first hundred, as a rule."""
    long = len(text) == 13 and text.isdigit() and text[10] != "0"
    return grade("vn.mst", 0.3 if long else 0.4, 0.6)(text)


RECOGNIZERS = (
    identifier(
        "CnRic",
        "CN_RIC",
        r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]",
        grade("cn.ric", 0.95),
        context=("身份证", "身份證", "公民身份"),
        reference=_STDNUM + "cn.ric",
    ),
    identifier(
        "CnUscc",
        "CN_USCC",
        r"\d{8}[0-9A-Z]{10}",
        _uscc,
        context=("信用代码", "(uscc)", "social credit"),
        reference="https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/China-TIN.pdf",
    ),
    identifier(
        "HkId",
        "HK_ID",
        r"[A-Z]{1,2}\d{6}(?: ?\([\dA]\)|[\dA])",
        grade(hong_kong, 0.5, 0.95),
        context=("hkid", "身份證", "身份证"),
        reference="https://en.wikipedia.org/wiki/Hong_Kong_identity_card",
    ),
    identifier(
        "JpIn",
        "JP_IN",
        rf"\d{{4}}{TIE}\d{{4}}{TIE}\d{{4}}",
        grade("jp.in_", 0.4, 0.55),
        context=("個人番号", "マイナンバー", "mynumber"),
        reference="https://en.wikipedia.org/wiki/Individual_Number",
    ),
    identifier(
        "JpCn",
        "JP_CN",
        rf"[1-9]{TIE}\d{{4}}{TIE}\d{{4}}{TIE}\d{{4}}",
        grade("jp.cn", 0.4, 0.7),
        context=("法人番号", "corporate number"),
        against=CLOCK,
        reference="https://www.houjin-bangou.nta.go.jp/en/setsumei/",
    ),
    # Foreigners' numbers (5 to 8) with the check digit of residents are valid for python-stdnum.
    identifier(
        "KrRrn",
        "KR_RRN",
        rf"\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){TIE}\d{{7}}",
        _rrn,
        context=("rrn", "주민등록", "주민번호", "resident registration"),
        against=CLOCK,
        replaces=("KrRrnRecognizer",),
        reference="https://en.wikipedia.org/wiki/Resident_registration_number",
    ),
    # Foreigners' numbers, with their own check digit.
    identifier(
        "KrFrn",
        "KR_FRN",
        rf"\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){TIE}[5-8]\d{{6}}",
        _frn,
        context=("(frn)", "외국인등록", "외국인번호", "foreigner", "foreigner registration"),
        against=CLOCK,
        replaces=("KrFrnRecognizer",),
        reference="https://en.wikipedia.org/wiki/Resident_registration_number",
    ),
    identifier(
        "KrBrn",
        "KR_BRN",
        rf"\d{{3}} ?{DASH} ?\d{{2}} ?{DASH} ?\d{{5}}|\d{{3}} \d{{2}} \d{{5}}|\d{{10}}",
        grade(korean_business, 0.4, 0.8),
        context=("사업자", "(brn)", "business registration"),
        replaces=("KrBrnRecognizer",),
        reference="https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/Korea-TIN.pdf",
    ),
    identifier(
        "ThTnin",
        "TH_TNIN",
        rf"[1-8]{TIE}\d{{4}}{TIE}\d{{5}}{TIE}\d{{2}}{TIE}\d",
        grade("th.pin", 0.45, 0.9),
        context=("tnin", "เลขประจำตัวประชาชน", "เลขบัตรประชาชน", "บัตรประชาชน", "รหัสปชช", "thai id", "thai national"),
        against=CLOCK,
        replaces=("ThTninRecognizer",),
        reference="https://en.wikipedia.org/wiki/Thai_identity_card",
    ),
    identifier(
        "ThMoa",
        "TH_MOA",
        rf"0{TIE}\d{{2}}{TIE}\d{TIE}\d{{3}}{TIE}\d{{5}}{TIE}\d|0{TIE}\d{{4}}{TIE}\d{{5}}{TIE}\d{{2}}{TIE}\d",
        grade("th.moa", 0.5, 0.9),
        context=("นิติบุคคล", "ทะเบียน"),
        against=CLOCK,
        reference="https://www.dbd.go.th/download/pdf_kc/s09/busin_2542-48.pdf",
    ),
    identifier(
        "TwId",
        "TW_ID",
        r"[A-Z][1289]\d{8}",
        grade(taiwanese, 0.6),
        context=("身分證", "身份證", "居留證"),
        reference="https://en.wikipedia.org/wiki/National_Identification_Card_(Republic_of_China)",
    ),
    identifier(
        "TwUbn",
        "TW_UBN",
        r"\d{8}",
        grade("tw.ubn", 0.3),
        context=("統一編號", "統編", "(ubn)"),
        reference="https://zh.wikipedia.org/wiki/統一編號",
    ),
    identifier(
        "VnMst",
        "VN_MST",
        rf"(?:\d{{10}}|\d{{4}} \d{{3}} \d{{3}}|\d{{4}} \d\d \d\d \d\d)(?: ?{DASH} ?\d{{3}})?|\d{{13}}"
        r"|\d{2}[. ]\d{2}[. ]\d{3}[. ]\d{3}",
        _vietnamese,
        context=("(mst)", "mã số thuế", "thuế"),
        reference="https://vi.wikipedia.org/wiki/Thu%E1%BA%BF_Vi%E1%BB%87t_Nam",
    ),
)
