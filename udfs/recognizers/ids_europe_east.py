r"""Identifiers of persons and companies from Poland and Czechia to the Balkans, Ukraine and Russia.

Finds: personal numbers with a birth date in them, tax and social security numbers, Polish and Moldovan company
    numbers, in one piece and in their printed form.
Leaves alone: numbers whose check digits, date or length are wrong. What any number could be, as most companies'
    numbers, Bulgarian ones of foreigners and Hungarian social security numbers, needs a word or a field for it.
Check: python-stdnum; for Hungarian and Russian numbers that it has not, the sums that their references publish; for
    Moldovan personal numbers that of companies' numbers.
Reference: https://arthurdejong.org/python-stdnum/doc/ and the pages that the recognizers name.
"""

from datetime import date

from udfs.recognizers._base import Recognizer
from udfs.recognizers._ids import DASH, GAP, Valid, compact, national, prefixed, validator

_emso, _nip, _rc, _inn = map(validator, ("si.emso", "pl.nip", "cz.rc", "ru.inn"))
_rntrc, _unp, _pib, _egn, _pnf = map(validator, ("ua.rntrc", "by.unp", "rs.pib", "bg.egn", "bg.pnf"))


def _birth_number(text: str) -> float:
    """The Czech and the Slovak one; until 1953 of nine digits, without a check digit and months raised by 20."""
    digits = compact(text)
    if not _rc(digits):
        return False
    plain = len(text) == len(digits)
    if len(digits) == 10:
        return 0.6 if plain else 0.9
    if int(digits[2:4]) % 50 > 12:
        return False
    return 0.4 if plain else 0.5


def _by_unp(text: str) -> bool | float:
    """Persons' begin with two letters, companies' with digits."""
    return (0.3 if text.isdigit() else 0.45) if _unp(text) else False


def _hu_tax(text: str) -> bool:
    """Digits 2 to 6 are the days between 1867-01-01 and the birth."""
    days = (date.today() - date(1867, 1, 1)).days
    is_born = 0 < int(text[1:6]) <= days
    return is_born and sum(i * int(d) for i, d in enumerate(text[:9], 1)) % 11 == int(text[9])


def _hu_taj(text: str) -> bool:
    digits = compact(text)
    return sum(int(d) * (7 if i % 2 else 3) for i, d in enumerate(digits[:8])) % 10 == int(digits[8])


def _citizen(regions: range, *more: int) -> Valid:
    """Of the master citizen number that the countries of Yugoslavia took over, those of one country's regions."""

    def check(text: str) -> float:
        if not _emso(text):
            return False
        region = int(text[7:9])
        return 0.9 if region in regions or region in more else 0.25

    return check


def _citizen_number(name: str, entity: str, country: str, check: Valid, *context: str) -> Recognizer:
    return national(
        name,
        entity,
        country,
        r"[0-3]\d[01]\d[09]\d{8}",
        check,
        context=context,
        reference="https://en.wikipedia.org/wiki/Unique_Master_Citizen_Number",
    )


def _pl_nip(text: str) -> bool | float:
    if not _nip(text):
        return False
    if text[:2].upper() == "PL":
        return True
    return 0.3 if text.isalnum() else 0.7


def _ru_inn(text: str) -> float:
    """A person's has two check digits, a company's one."""
    return (0.6 if len(text) == 12 else 0.3) if _inn(text) else False


def _ru_snils(text: str) -> float:
    digits = compact(text)
    total = sum(int(d) * w for d, w in zip(digits[:9], range(9, 0, -1), strict=True))
    if total % 101 % 100 != int(digits[9:]) or not digits.strip("0"):
        return False
    return 0.6 if len(text) == len(digits) else 1.0


def _ua_rntrc(text: str) -> bool:
    """The first five digits are the days from 1899-12-31 to the birth."""
    return 0 < int(text[:5]) <= (date.today() - date(1899, 12, 31)).days and _rntrc(text) is True


RECOGNIZERS = (
    national(
        "BgEgn",
        "BG_EGN",
        "bg",
        rf"\d\d[0-5]\d{{3}}{GAP}?\d{{3}}{GAP}?\d",
        lambda text: _egn(compact(text)),
        0.6,
        printed=0.75,
        context=("егн", "единен", "граждански"),
        reference="https://bg.wikipedia.org/wiki/Единен_граждански_номер",
    ),
    national(
        "BgPnf",
        "BG_PNF",
        "bg",
        rf"\d{{4}}{GAP}?\d{{3}}{GAP}?\d{{3}}",
        lambda text: _pnf(compact(text)),
        0.3,
        context=("лнч", "lnch", "чужденец", "foreigner"),
        reference="https://arthurdejong.org/python-stdnum/doc/2.2/stdnum.bg.pnf",
    ),
    _citizen_number("BaJmbg", "BA_JMBG", "ba", _citizen(range(10, 20), 1), "jmbg", "матични", "matični"),
    _citizen_number("HrJmbg", "HR_JMBG", "hr", _citizen(range(30, 40), 3), "jmbg", "mbg", "matični"),
    _citizen_number("MeJmbg", "ME_JMBG", "me", _citizen(range(20, 30), 2), "jmbg", "матични", "matični"),
    _citizen_number("MkEmbg", "MK_EMBG", "mk", _citizen(range(40, 50), 4), "ембг", "embg", "матичен"),
    _citizen_number("RsJmbg", "RS_JMBG", "rs", _citizen(range(70, 100), 7, 8, 9), "jmbg", "јмбг", "матични"),
    _citizen_number("SiEmso", "SI_EMSO", "si", _citizen(range(50, 60), 5), "emšo", "emso", "matična"),
    national(
        "ByUnp",
        "BY_UNP",
        "by",
        r"[1-7]\d{8}|[ABCEHKMАВСЕНКМ][ABCEHKMOPTАВСЕНКМОРТ]\d{7}",
        _by_unp,
        context=("унп", "плательщика"),
        reference="https://be.wikipedia.org/wiki/Уліковы_нумар_плацельшчыка",
    ),
    national(
        "CzRc",
        "CZ_RC",
        "cz",
        r"\d\d[0-8]\d{3}/?\d{3,4}",
        _birth_number,
        context=("rodné", "rodne", "rodného", "číslo"),
        reference="https://cs.wikipedia.org/wiki/Rodné_číslo",
    ),
    national(
        "SkRc",
        "SK_RC",
        "sk",
        r"\d\d[0-8]\d{3}/?\d{3,4}",
        _birth_number,
        context=("rodné", "rodne", "rodného", "číslo"),
        reference="https://sk.wikipedia.org/wiki/Rodné_číslo",
    ),
    national(
        "HrOib",
        "HR_OIB",
        "hr",
        r"(?:HR[- ]?)?\d{11}",
        prefixed("HR", "hr.oib", 0.4),
        context=("oib", "osobni", "identifikacijski"),
        reference="https://www.porezna-uprava.hr/HR_OIB/Stranice/default.aspx",
    ),
    national(
        "HuTaxId",
        "HU_ADOAZONOSITO",
        "hu",
        r"8\d{9}",
        _hu_tax,
        0.5,
        context=("adóazonosító", "adoazonosito", "adószám"),
        reference="https://njt.hu/jogszabaly/1996-20-00-00",
    ),
    national(
        "HuTaj",
        "HU_TAJ",
        "hu",
        rf"\d{{3}}(?:{GAP}|-)?\d{{3}}(?:{GAP}|-)?\d{{3}}",
        _hu_taj,
        0.3,
        context=("tajszám", "taj", "társadalombiztosítási", "tajkártya"),
        reference="https://njt.hu/jogszabaly/1996-20-00-00",
    ),
    national(
        "MdIdno",
        "MD_IDNO",
        "md",
        r"1[09]\d{11}",
        "md.idno",
        0.4,
        context=("idno", "fiscal"),
        reference="https://www.idno.md",
    ),
    national(
        "MdIdnp",
        "MD_IDNP",
        "md",
        r"2[09]\d{11}",
        "md.idno",
        0.5,
        context=("idnp", "personal"),
        reference="https://en.wikipedia.org/wiki/National_identification_number#Moldova",
    ),
    national(
        "MePib",
        "ME_PIB",
        "me",
        r"\d{8}",
        "me.pib",
        0.3,
        context=("poreski", "порески", "pib"),
        reference="https://arthurdejong.org/python-stdnum/doc/2.2/stdnum.me.pib",
    ),
    national(
        "MkEdb",
        "MK_EDB",
        "mk",
        rf"(?:(?:MK|МК){GAP}?)?\d{{13}}",
        prefixed("MK", "mk.edb"),
        context=("едб", "edb", "даночен"),
        reference="http://www.ujp.gov.mk/en",
    ),
    national(
        "PlPesel",
        "PL_PESEL",
        "pl",
        r"\d\d[0-9]\d[0-3]\d{6}",
        "pl.pesel",
        0.65,
        context=("pesel", "ewidencyjny"),
        replaces=("PlPeselRecognizer",),
        reference="https://www.gov.pl/web/gov/czym-jest-numer-pesel",
    ),
    national(
        "PlNip",
        "PL_NIP",
        "pl",
        rf"(?:PL[- ]?)?(?:\d{{10}}|\d{{3}}(?:{DASH}|{GAP})(?:\d{{3}}(?:{DASH}|{GAP})\d\d(?:{DASH}|{GAP})\d\d"
        rf"|\d\d(?:{DASH}|{GAP})\d\d(?:{DASH}|{GAP})\d{{3}}))",
        _pl_nip,
        context=("identyfikacji", "podatkow", "nip"),
        reference="https://www.podatki.gov.pl/",
    ),
    national(
        "PlRegon",
        "PL_REGON",
        "pl",
        r"\d{9}(?:\d{5})?",
        "pl.regon",
        0.3,
        context=("regon",),
        reference="https://bip.stat.gov.pl/en/regon/",
    ),
    national(
        "RoCnp",
        "RO_CNP",
        "ro",
        r"[1-9]\d\d[01]\d[0-3]\d{7}",
        "ro.cnp",
        0.9,
        context=("cnp", "numeric", "personal"),
        reference="https://github.com/vimishor/cnp-spec/blob/master/spec.md",
    ),
    national(
        "RsPib",
        "RS_PIB",
        "rs",
        rf"(?:RS{GAP}?)?\d{{9}}",
        prefixed("RS", lambda text: _pib(text[-9:])),
        context=("poreski", "порески", "pib", "пиб"),
        reference="https://arthurdejong.org/python-stdnum/doc/2.2/stdnum.rs.pib",
    ),
    national(
        "RuInn",
        "RU_INN",
        "ru",
        r"\d{10}(?:\d\d)?",
        _ru_inn,
        context=("инн", "налогоплательщика"),
        reference="https://ru.wikipedia.org/wiki/Идентификационный_номер_налогоплательщика",
    ),
    national(
        "RuOgrn",
        "RU_OGRN",
        "ru",
        r"[1-9]\d{12}(?:\d\d)?",
        "ru.ogrn",
        0.3,
        context=("огрн", "ogrn", "регистрационный"),
        reference="https://ru.wikipedia.org/wiki/Основной_государственный_регистрационный_номер",
    ),
    national(
        "RuSnils",
        "RU_SNILS",
        "ru",
        rf"\d{{3}}{DASH}\d{{3}}{DASH}\d{{3}}(?:{DASH}|{GAP})\d\d|\d{{11}}",
        _ru_snils,
        context=("снилс", "snils", "страховой"),
        reference="https://ru.wikipedia.org/wiki/Страховой_номер_индивидуального_лицевого_счёта",
    ),
    national(
        "UaRntrc",
        "UA_RNTRC",
        "ua",
        r"[0-4]\d{9}",
        _ua_rntrc,
        0.45,
        context=("рнокпп", "ідентифікаційний", "іпн", "платника", "облікової"),
        reference="https://uk.wikipedia.org/wiki/РНОКПП",
    ),
    national(
        "UaEdrpou",
        "UA_EDRPOU",
        "ua",
        r"\d{8}",
        "ua.edrpou",
        0.3,
        context=("єдрпоу", "едрпоу", "edrpou"),
        reference="https://uk.wikipedia.org/wiki/Код_ЄДРПОУ",
    ),
)
