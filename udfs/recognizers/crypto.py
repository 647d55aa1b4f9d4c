r"""Addresses of cryptocurrencies.

Finds: addresses of Bitcoin and its forks and descendants (Litecoin, Dogecoin, Dash, Zcash), Tron, Tezos, Ripple; those
    in Bech32 and Bech32m (Bitcoin, Litecoin, Cardano, Cosmos and its zones); Bitcoin Cash, Stellar, Ethereum, Monero.
Leaves alone: other base58, base32 and hexadecimal: transactions, hashes, keys, words.
Check: four bytes of SHA-256 twice (base58check), the BCH codes of Bech32, Bech32m and CashAddr, CRC-16 of Stellar.
    Ethereum's capitals (ERC-55) and Monero's last bytes are of Keccak, which the standard library lacks: those two go
    by their form.
Reference: named at each check.
"""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256

from udfs.recognizers._base import Pattern, Recognizer

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = str.maketrans("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz", _BASE58)
"""https://xrpl.org/docs/references/protocol/data-types/base58-encodings"""
_DIGITS = {char: number for number, char in enumerate(_BASE58)}
_BECH32 = {char: number for number, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH_GENERATORS = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_PLAIN, _M = 1, 0x2BC830A3
"""What remains of Bech32 (BIP 173) and of Bech32m (BIP 350)."""
_BY_FORM = 0.6
_STELLAR_ACCOUNTS = "GM"


def base58check(text: str) -> bool:
    """True when the last four bytes are the first of the SHA-256 of the SHA-256 of the rest.

    Reference: https://en.bitcoin.it/wiki/Base58Check_encoding

    >>> base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")
    (True, False)
    """
    number = 0
    for char in text:
        number = number * 58 + _DIGITS[char]
    zeros = len(text) - len(text.lstrip("1"))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    return len(data) > 20 and sha256(sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


def _remainder(values: Iterable[int], generators: tuple[int, ...], bits: int) -> int:
    """The remainder of a BCH code over 32 symbols (BIP 173, "Checksum")."""
    rest, mask = 1, (1 << bits) - 1
    for value in values:
        top = rest >> bits
        rest = (rest & mask) << 5 ^ value
        for place, generator in enumerate(generators):
            if top >> place & 1:
                rest ^= generator
    return rest


def bech32(text: str) -> int | None:
    """What remains of a Bech32 text: 1 for Bech32, 0x2BC830A3 for Bech32m. None when it is not of its alphabet.

    Reference: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki

    >>> bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4") == 1
    True
    """
    if text not in (text.lower(), text.upper()):
        return None
    name, _, data = text.lower().rpartition("1")
    numbers = [_BECH32.get(char, -1) for char in data]
    if -1 in numbers or len(numbers) < 8:
        return None
    return _remainder([*(ord(c) >> 5 for c in name), 0, *(ord(c) & 31 for c in name), *numbers], _GENERATORS, 25)


def _segwit(text: str) -> bool:
    """Version 0 is Bech32, with a program of 20 or 32 bytes; later ones are Bech32m (BIP 350)."""
    data = text.lower().rpartition("1")[2]
    if data[0] == "q":
        return len(data) in (39, 59) and bech32(text) == _PLAIN
    return bech32(text) == _M


def _is_bech32(text: str) -> bool:
    name = text.lower().rpartition("1")[0]
    return _segwit(text) if name in ("bc", "tb", "bcrt", "ltc", "tltc") else bech32(text) == _PLAIN


def _is_cash(text: str) -> bool:
    """https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md"""
    data = [_BECH32.get(char, -1) for char in text.lower()]
    if -1 in data or text not in (text.lower(), text.upper()):
        return False
    return _remainder([*(ord(c) & 31 for c in "bitcoincash"), 0, *data], _CASH_GENERATORS, 35) == 1


def _is_stellar(text: str) -> bool:
    """CRC-16/XMODEM at the end: https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md"""
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        return False
    return binascii.crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "little")


def _is_filler(text: str) -> bool:
    """True for `0x000…`, `0xdead…dead`: nobody's."""
    return len(set(text.lower())) < 7


def _check(text: str) -> bool | None:
    if text.startswith(("0x", "0X")):
        return False if _is_filler(text[2:]) else None
    if len(text) > 90 and text[0] in "48" and text.isalnum() and not text.isdigit():
        return False if _is_filler(text) else None
    return _is_cash(text) or _is_right(text)


def _is_right(text: str) -> bool:
    if len(text) == 56 and text[0] in _STELLAR_ACCOUNTS:
        return _is_stellar(text)
    if set(text) <= _DIGITS.keys() and len(text) < 40 and base58check(_of_ripple(text)):
        return True
    return "1" in text[2:11] and _is_bech32(text)


def _of_ripple(text: str) -> str:
    return text.translate(_RIPPLE) if text[0] == "r" else text


_B58 = "[1-9A-HJ-NP-Za-km-z]"
_B32 = "[02-9ac-hj-np-z]"
_ZONES = "bc|tb|bcrt|t?ltc|addr(?:_test)?|stake|cosmos|osmo|terra|inj|thor|celestia|bnb|kava|sei|juno|akash|secret|dydx"
"""Bech32 names: BIP 173; Litecoin; Cardano (CIP 5); https://github.com/cosmos/chain-registry ."""

RECOGNIZERS = (
    Recognizer(
        "Crypto",
        "CRYPTO",
        (
            Pattern(
                "addresses in base58 and base32",
                rf"(?-i:(?<![0-9A-Za-z])(?:[13mn2LMD9AX7Tr]{_B58}{{24,34}}|(?:t[13]|tz[1-4]|KT1){_B58}{{33}}"
                rf"|[48][0-9AB]{_B58}{{93}}(?:{_B58}{{11}})?|[GM][A-D][A-Z2-7]{{54}})(?![0-9A-Za-z]))",
                _BY_FORM,
            ),
            Pattern(
                "addresses in Bech32 and CashAddr",
                rf"(?<![0-9A-Za-z])(?:(?:{_ZONES})1{_B32}{{38,110}}|[qp]{_B32}{{41}})(?![0-9A-Za-z])",
                _BY_FORM,
            ),
            # https://ethereum.org/developers/docs/accounts/ : 20 bytes in hexadecimal.
            Pattern("Ethereum addresses", r"(?<![0-9A-Za-z])0x[0-9a-f]{40}(?![0-9A-Za-z])", _BY_FORM),
        ),
        context=("wallet", "btc", "bitcoin", "crypto", "ethereum", "litecoin", "monero", "address", "coin"),
        check=_check,
        against=("sha1", "sha-1", "commit", "checksum", "digest", "hash", "signature"),
        replaces=("CryptoRecognizer",),
        reference="https://en.bitcoin.it/wiki/Base58Check_encoding",
    ),
)
