"""Rows of a customer file into people and problems. Pure.

One person a row. A row without a usable address is refused; anything else
that is odd keeps the row and is remarked upon. Rules for addresses are those
of Django's EmailField, so that what is read here can be stored and edited.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.addresses import address_of, flaw_of
from surveys.repeats import Repeats
from surveys.sheets import SAMPLE, Cell, Record, Sheet

MOST_PROPERTY = 1000  # characters of one property's value
OWN_HEADING = "verbatim: "  # begins the columns we add to a file of refused rows
_MOST_NAME, _MOST_ID = 200, 120


class Meaning(StrEnum):
    """What a column holds."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    CUSTOMER_ID = "customer_id"
    CUSTOMER_NAME = "customer_name"
    LANGUAGE = "language"
    PROPERTY = "property"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: where, its heading, what it holds."""

    index: int
    heading: str
    meaning: Meaning

    @property
    def property(self) -> str:
        return property_name(self.heading)


@dataclass(frozen=True, slots=True)
class Person:
    """One good row. Empty text means the file says nothing about it."""

    row: int
    email: str
    name: str = ""
    customer_id: str = ""
    customer_name: str = ""
    language: str = ""
    properties: dict[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row. `code` is a key of REMEDIES; a refused row is not stored."""

    row: int
    code: str
    column: str
    message: str
    is_refusal: bool = True


REMEDIES = {
    "torn": gettext_lazy("Close the quotation mark or take it out, then upload the row again."),
    "no_email": gettext_lazy("Write the address in the row, or leave the person out."),
    "not_email": gettext_lazy("Correct the address and upload the row again."),
    "too_long": gettext_lazy("Shorten it and upload the row again."),
    "duplicate": gettext_lazy("Nothing to do: the last row of the address counts."),
    "extra": gettext_lazy("Put a text that contains the delimiter in quotation marks."),
    "language": gettext_lazy("Write a language code such as en, de or pt-BR."),
    "cut": gettext_lazy("Nothing to do unless you need the whole text."),
}

# ---- What does a column hold? --------------------------------------------------------------------

_KNOWN_HEADINGS: Mapping[Meaning, str] = {
    Meaning.EMAIL: "email emailaddress mail mailaddress personemail contactemail useremail "
    "workemail primaryemail emailadresse mailadresse correo correoelectronico courriel "
    "adresseemail adressemail adresseelectronique البريد البريدالإلكتروني بريدإلكتروني",
    Meaning.NAME: "name fullname personname contactname displayname contact vollstandigername "
    "nombrecompleto nomcomplet الاسم الاسمالكامل",
    Meaning.FIRST_NAME: "firstname givenname forename vorname nombre prenom الاسمالأول",
    Meaning.LAST_NAME: "lastname surname familyname nachname familienname apellido apellidos "
    "nom nomdefamille اسمالعائلة",
    Meaning.CUSTOMER_ID: "customerid accountid companyid clientid organizationid organisationid "
    "customernumber accountnumber kundennummer kundenid idcliente numerocliente idclient "
    "numeroclient رقمالعميل",
    Meaning.CUSTOMER_NAME: "customer customername account accountname company companyname "
    "organization organisation client clientname kunde firma unternehmen cliente empresa "
    "societe entreprise العميل الشركة",
    Meaning.LANGUAGE: "language locale lang preferredlanguage sprache idioma langue اللغة",
}
_MEANING_OF = {word: meaning for meaning, text in _KNOWN_HEADINGS.items() for word in text.split()}


def guess(sheet: Sheet) -> tuple[Column, ...]:
    """Return every column with its likely meaning; each meaning but property at most once."""
    taken: set[Meaning] = set()
    columns = []
    for index, heading in enumerate(sheet.header):
        meaning = _MEANING_OF.get(_squeeze(heading), Meaning.PROPERTY)
        if meaning in taken:
            meaning = Meaning.PROPERTY
        elif heading.startswith(OWN_HEADING):
            meaning = Meaning.IGNORE
        elif meaning is not Meaning.PROPERTY:
            taken.add(meaning)
        columns.append(Column(index, heading, meaning))
    if Meaning.EMAIL not in taken:
        columns = _email_by_content(columns, sheet.records)
    return tuple(columns)


def _email_by_content(columns: list[Column], records: Sequence[Record]) -> list[Column]:
    sample = records[:SAMPLE]

    def addresses(column: Column) -> int:
        cells = (record.cells[column.index : column.index + 1] for record in sample)
        return sum(bool(cell) and not flaw_of(address_of(str(cell[0]))[0]) for cell in cells)

    best = max(columns, key=addresses)
    if not addresses(best):
        return columns
    return [Column(c.index, c.heading, Meaning.EMAIL) if c is best else c for c in columns]


def _squeeze(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(char for char in letters if char.isalnum())


@lru_cache(maxsize=1024)
def property_name(heading: str) -> str:
    """Return the property a heading names: `Plan Type` and `plan_type` are the same one."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFC", heading.casefold()))
    name = re.sub("_+", "_", name).strip("_")[:80].rstrip("_")
    # A name of digits only would be a list index to the database.
    return f"column_{name}".rstrip("_") if not name or name.isdecimal() else name


# ---- Rows ----------------------------------------------------------------------------------------


def people(
    records: Iterable[Record], columns: Sequence[Column], *, repeats: Repeats
) -> Iterator[tuple[Record, Person | None, list[Problem]]]:
    """Yield each row with its person (None: not to be stored) and its problems.

    `repeats` (of `addresses_in`) tells which row of an address counts.
    """
    for record in records:
        problems: list[Problem] = []
        person = _person(record, columns, problems)
        if person and (last := repeats.last_of(record.row)):
            problems = [_duplicate(person, last, columns)]
            person = None
        yield record, person, problems


def addresses_in(records: Iterable[Record], columns: Sequence[Column]) -> Iterator[tuple[int, str]]:
    """Return the address of each row that has one. StopIteration where no column holds them."""
    email = next(column for column in columns if column.meaning is Meaning.EMAIL)
    return (
        (record.row, address_of(str(record.cells[email.index]))[0])
        for record in records
        if email.index < len(record.cells) and not record.is_torn
    )


def _duplicate(person: Person, last: int, columns: Sequence[Column]) -> Problem:
    message = _("“%(email)s” stands in row %(last)s again; that row counts.") % {
        "email": person.email,
        "last": last,
    }
    email = next(column for column in columns if column.meaning is Meaning.EMAIL)
    return Problem(person.row, "duplicate", email.heading, message, is_refusal=False)


def _person(record: Record, columns: Sequence[Column], problems: list[Problem]) -> Person | None:
    if record.is_torn:
        problems.append(
            Problem(record.row, "torn", "", _("A quotation mark is opened and never closed."))
        )
        return None
    found: dict[Meaning, tuple[str, Cell]] = {}
    properties: dict[str, Cell] = {}
    for column in columns:
        cell = record.cells[column.index] if column.index < len(record.cells) else ""
        if cell == "":
            continue
        if column.meaning is Meaning.PROPERTY:
            properties[column.property] = _value(record.row, column, cell, problems)
        elif column.meaning is not Meaning.IGNORE:
            found[column.meaning] = (column.heading, cell)
    if any(cell != "" for cell in record.cells[len(columns) :]):
        problems.append(_extra(record, len(columns)))
    return _checked(record.row, found, properties, columns, problems)


def _extra(record: Record, width: int) -> Problem:
    message = _("The row has %(cells)s cells, the heading %(width)s; the rest was left out.") % {
        "cells": len(record.cells),
        "width": width,
    }
    return Problem(record.row, "extra", "", message, is_refusal=False)


def _checked(
    row: int,
    found: Mapping[Meaning, tuple[str, Cell]],
    properties: dict[str, Cell],
    columns: Sequence[Column],
    problems: list[Problem],
) -> Person | None:
    def text(meaning: Meaning) -> str:
        return str(found[meaning][1]) if meaning in found else ""

    email, name_beside = address_of(text(Meaning.EMAIL))
    flaw = flaw_of(email)
    if flaw:
        heading = next(c.heading for c in columns if c.meaning is Meaning.EMAIL)
        code = "not_email" if text(Meaning.EMAIL) else "no_email"
        problems.append(Problem(row, code, heading, flaw))
        return None
    for meaning, most in ((Meaning.CUSTOMER_ID, _MOST_ID), (Meaning.CUSTOMER_NAME, _MOST_NAME)):
        if len(text(meaning)) > most:
            problems.append(_too_long(row, found[meaning][0], len(text(meaning)), most))
            return None
    name = text(Meaning.NAME) or " ".join(
        part for part in (text(Meaning.FIRST_NAME), text(Meaning.LAST_NAME)) if part
    )
    return Person(
        row=row,
        email=email,
        name=_cut(row, "name", name or name_beside, _MOST_NAME, problems),
        customer_id=text(Meaning.CUSTOMER_ID),
        customer_name=text(Meaning.CUSTOMER_NAME),
        language=_language(row, found.get(Meaning.LANGUAGE), problems),
        properties=properties,
    )


def _too_long(row: int, heading: str, length: int, most: int) -> Problem:
    message = _("“%(column)s” has %(length)s characters; %(most)s are the most.") % {
        "column": heading,
        "length": length,
        "most": most,
    }
    return Problem(row, "too_long", heading, message)


def _cut(row: int, heading: str, text: str, most: int, problems: list[Problem]) -> str:
    if len(text) <= most:
        return text
    message = _("“%(column)s” has %(length)s characters; the first %(most)s were kept.") % {
        "column": heading,
        "length": len(text),
        "most": most,
    }
    problems.append(Problem(row, "cut", heading, message, is_refusal=False))
    return text[:most]


# Leading zeros and a plus are ids and phone numbers; 16 digits do not survive as a number.
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")


def _value(row: int, column: Column, cell: Cell, problems: list[Problem]) -> Cell:
    return (
        typed(_cut(row, column.heading, cell, MOST_PROPERTY, problems))
        if isinstance(cell, str)
        else cell
    )


def typed(text: str) -> Cell:
    """Return a number for a text that is one in every sense, else the text."""
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    return int(number) if number.is_integer() else number


# ---- Languages ---------------------------------------------------------------------------------

_LANGUAGE_NAMES = {
    "english": "en", "englisch": "en", "ingles": "en", "anglais": "en",
    "german": "de", "deutsch": "de", "aleman": "de", "allemand": "de",
    "spanish": "es", "espanol": "es", "spanisch": "es", "espagnol": "es",
    "french": "fr", "francais": "fr", "franzosisch": "fr", "frances": "fr",
    "arabic": "ar", "arabisch": "ar", "العربية": "ar", "arabe": "ar",
    "italian": "it", "portuguese": "pt", "dutch": "nl", "polish": "pl",
}  # fmt: skip


def _language(row: int, found: tuple[str, Cell] | None, problems: list[Problem]) -> str:
    if found is None:
        return ""
    heading, cell = found
    text = str(cell).strip().replace("_", "-").lower()
    if re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", text):
        return text
    if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)+", text):  # zh-hant-tw, en-us-posix
        return text[:2]
    if code := _LANGUAGE_NAMES.get(_squeeze(text)):
        return code
    message = _("“%(text)s” is not a language we know; kept without one.") % {
        "text": str(cell)[:40]
    }
    problems.append(Problem(row, "language", heading, message, is_refusal=False))
    return ""
