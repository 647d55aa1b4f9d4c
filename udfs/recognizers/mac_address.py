r"""Hardware addresses of network interfaces.

Finds: MAC addresses (EUI-48) as six pairs with colons or hyphens, and as three groups with dots.
Leaves alone: parts of longer rows of pairs (fingerprints, EUI-64, UUIDs), the broadcast address, the address of
    zeros; pairs of decimal digits with hyphens alone, which are dates and codes, unless a word stands beside them.
Check: the form.
Reference: IEEE Std 802-2014, section 8.1 and 8.2; https://standards.ieee.org/products-programs/regauth/tut/ .
"""

from udfs.recognizers._base import Pattern, Recognizer

_BY_FORM = 0.8
_DIGITS_ONLY = 0.3
_NOBODYS = ("0" * 12, "f" * 12)
_SEPARATORS = dict.fromkeys(map(ord, ":-."))


def _check(text: str) -> bool | float | None:
    address = text.translate(_SEPARATORS).lower()
    if address in _NOBODYS:
        return False
    return _DIGITS_ONLY if address.isdigit() and ":" not in text else None


RECOGNIZERS = (
    Recognizer(
        "MacAddress",
        "MAC_ADDRESS",
        (
            Pattern(
                "MAC addresses",
                r"(?<![0-9A-Za-z_])(?<![0-9A-Fa-f][:.-])(?:[0-9a-f]{2}(?P<s>[:-])(?:[0-9a-f]{2}(?P=s)){4}[0-9a-f]{2}"
                r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9A-Za-z_]|[:.-][0-9A-Fa-f])",
                _BY_FORM,
            ),
        ),
        context=("mac", "hardware", "physical", "ethernet", "bssid", "wifi", "wlan", "interface"),
        check=_check,
        against=("fingerprint", "checksum", "serial"),
        replaces=("MacAddressRecognizer",),
        reference="https://standards.ieee.org/ieee/802/6253/",
    ),
)
