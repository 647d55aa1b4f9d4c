"""Flink SQL files: split into statements, with the line of each, and `${name}` replaced.

The lexical rules are those of Flink's parser (Calcite with Lex.JAVA): `'…'` with `''` inside, `` `…` `` with two
backticks inside, `--` to the end of the line, `/* … */`; a hint `/*+ … */` belongs to its statement.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<string> '(?:[^']|'')*'? )
    | (?P<name>   `(?:[^`]|``)*`? )
    | (?P<hint>   /\*\+.*?(?:\*/|\Z) )
    | (?P<block>  /\*.*?(?:\*/|\Z) )
    | (?P<line>   --[^\n]* )
    | (?P<end>    ; )
    | (?P<space>  \s+ )
    | (?P<word>   [^\W\d][\w$]* )
    | (?P<variable> \$\{[^}\n]*\} )
    | (?P<other>  . )
    """,
    re.VERBOSE | re.DOTALL,
)

_VARIABLE = re.compile(r"\$\{([^}\n]*)\}")

_SET_OPENS = (("EXECUTE", "STATEMENT", "SET", "BEGIN"), ("BEGIN", "STATEMENT", "SET"))
"""How a statement set begins: Flink's own grammar, and the SQL client's. Both end with END."""


class SqlErrors(Exception):
    """Everything that is wrong with a file's text, one located error a line."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        line: the line in the file where it starts, from 1.
        text: the statement without its `;`, comments inside it included, so that its lines are those of the file.
        words: its words outside comments, strings and quoted names, in upper case.
    """

    line: int
    text: str
    words: tuple[str, ...]

    def starts(self, *words: str) -> bool:
        """True if the statement begins with these words.

        >>> split("create table t (a INT)")[0].starts("CREATE", "TABLE")
        True
        """
        return self.words[: len(words)] == words


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int


def split(text: str, name: str = "script.sql", variables: Mapping[str, str] | None = None) -> list[Statement]:
    """The statements of a file.

    Args:
        text: the file's content.
        name: how errors call the file.
        variables: what `${name}` stands for; inside a string or a quoted name, quotes in a value are doubled. In
            comments nothing is replaced.

    Raises:
        SqlErrors: a variable is not set, or a string, quoted name or comment does not end.

    >>> [s.line for s in split("SELECT ';' -- a; b\\n; SELECT 2;")]
    [1, 2]
    >>> split("SELECT '${who}'", variables={"who": "O'Hara"})[0].text
    "SELECT 'O''Hara'"
    """
    errors: list[str] = []
    tokens = [_replaced(token, name, variables or {}, errors) for token in _tokens(text)]
    errors += [e for token in tokens if (e := _unended(token, name))]
    if errors:
        raise SqlErrors(errors)
    return list(_statements(tokens))


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        yield _Token(str(match.lastgroup), match.group(), line)
        line += match.group().count("\n")


def _replaced(token: _Token, name: str, variables: Mapping[str, str], errors: list[str]) -> _Token:
    if token.kind not in ("string", "name", "variable", "hint") or "${" not in token.text:
        return token
    quote = token.text[0] if token.kind in ("string", "name") else ""

    def value(match: re.Match[str]) -> str:
        if match[1] not in variables:
            line = token.line + token.text[: match.start()].count("\n")
            known = f"set so far: {', '.join(sorted(variables))}" if variables else "none is set"
            errors.append(f"{name}:{line} variable ${{{match[1]}}} is not set; add --set {match[1]}=VALUE ({known})")
            return match[0]
        return variables[match[1]].replace(quote, quote * 2) if quote else variables[match[1]]

    return _Token(token.kind, _VARIABLE.sub(value, token.text), token.line)


def _unended(token: _Token, name: str) -> str | None:
    text = token.text
    if token.kind in ("string", "name") and (len(text) < 2 or len(re.findall(text[0], text)) % 2):
        kind = "string" if token.kind == "string" else "quoted name"
        return f"{name}:{token.line} {kind} does not end; close it with {text[0]}"
    if token.kind in ("block", "hint") and not (text.endswith("*/") and len(text) >= 4):
        return f"{name}:{token.line} comment does not end; close it with */"
    return None


def _statements(tokens: list[_Token]) -> Iterator[Statement]:
    part: list[_Token] = []
    for token in tokens:
        if token.kind == "end" and not _inside_set(part):
            yield from _statement(part)
            part = []
        else:
            part.append(token)
    yield from _statement(part)


def _words(part: list[_Token]) -> tuple[str, ...]:
    return tuple(token.text.upper() for token in part if token.kind == "word")


def _inside_set(part: list[_Token]) -> bool:
    """True between the BEGIN of a statement set and its END (which stands alone after a `;`)."""
    words = _words(part)
    if not any(words[: len(opening)] == opening for opening in _SET_OPENS):
        return False
    return words[-1:] != ("END",) or words[:-1] in _SET_OPENS


def _statement(part: list[_Token]) -> Iterator[Statement]:
    while part and part[0].kind in ("space", "line", "block"):
        part = part[1:]
    while part and part[-1].kind in ("space", "line", "block"):
        part = part[:-1]
    if part:
        yield Statement(part[0].line, "".join(token.text for token in part), _words(part))
