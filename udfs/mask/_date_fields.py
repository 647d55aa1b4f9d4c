"""What dates are written with: numbers, names of months and days, ordinals, each as a function of the date."""

import datetime
from collections.abc import Callable
from typing import TypeAlias

# Unicode CLDR 46, in capitals; where a name is one in several languages, the first counts. `Sept` is the press's.
MONTHS = {
    kind: tuple(names.split())
    for kind, names in {
        "en": "January February March April May June July August September October November December",
        "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "en press": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "de short": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "fr": "Janvier Février Mars Avril Mai Juin Juillet Août Septembre Octobre Novembre Décembre",
        "fr short": "Janv Févr Mars Avr Mai Juin Juil Août Sept Oct Nov Déc",
        "es": "Enero Febrero Marzo Abril Mayo Junio Julio Agosto Septiembre Octubre Noviembre Diciembre",
        "es short": "Ene Feb Mar Abr May Jun Jul Ago Sept Oct Nov Dic",
        "it": "Gennaio Febbraio Marzo Aprile Maggio Giugno Luglio Agosto Settembre Ottobre Novembre Dicembre",
        "it short": "Gen Feb Mar Apr Mag Giu Lug Ago Set Ott Nov Dic",
        "pt": "Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro",
        "pt short": "Jan Fev Mar Abr Mai Jun Jul Ago Set Out Nov Dez",
        "nl": "Januari Februari Maart April Mei Juni Juli Augustus September Oktober November December",
        "nl short": "Jan Feb Mrt Apr Mei Jun Jul Aug Sep Okt Nov Dec",
    }.items()
}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SHORT_DAYS = tuple(name[:3] for name in DAYS)

MONTH_OF = {name.lower(): number for names in MONTHS.values() for number, name in enumerate(names, 1)}
"""The number of each month, by its names in small letters."""

NAME = r"(?P<name>[A-Za-zÀ-ÿ]{3,10})"
"""Regular expression: what may be the name of a month."""


def _ordinal(day: int) -> str:
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


_Writer: TypeAlias = Callable[[datetime.date], str]


def _of_months(names: tuple[str, ...]) -> _Writer:
    return lambda date: names[date.month - 1]


def _of_days(names: tuple[str, ...]) -> _Writer:
    return lambda date: names[date.weekday()]


def _in(change: Callable[[str], str], writer: _Writer) -> _Writer:
    return lambda date: change(writer(date))


def _cased(name: str, writer: _Writer) -> dict[str, _Writer]:
    return {name: writer, f"{name} upper": _in(str.upper, writer), f"{name} lower": _in(str.lower, writer)}


FIELDS: dict[str, dict[str, _Writer]] = {
    "year": {"year": lambda date: f"{date.year:04}", "year2": lambda date: f"{date.year % 100:02}"},
    "month": {"month0": lambda date: f"{date.month:02}", "month": lambda date: str(date.month)},
    "day": {
        "day0": lambda date: f"{date.day:02}",
        "day": lambda date: str(date.day),
        "day ": lambda date: f"{date.day:2}",
    },
    "ordinal": {
        **_cased("ordinal", lambda date: _ordinal(date.day)),
        **_cased("first er", lambda date: "er" if date.day == 1 else ""),  # French: 1er mai, 2 mai
        "first º": lambda date: "º" if date.day == 1 else "",  # Spanish, Italian, Portuguese
    },
    "name": {key: w for kind, names in MONTHS.items() for key, w in _cased(kind, _of_months(names)).items()},
    "weekday": _cased("weekday", _of_days(DAYS)) | _cased("short weekday", _of_days(SHORT_DAYS)),
}
"""For each group of a layout, the fields that it can be, the likeliest first."""

WRITERS = {name: writer for fields in FIELDS.values() for name, writer in fields.items()}
"""How each field is written."""
