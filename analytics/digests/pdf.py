"""A document as PDF, on A4: text that can be found and copied, charts as lines, fonts inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.digests import fonts
from analytics.digests.documents import Document, Table
from analytics.digests.painting import LIGHT, Anchor, Place, paint_trend

if TYPE_CHECKING:
    from fpdf import FPDF

_MARGIN, _WIDTH, _FOOT = 18.0, 174.0, 20.0  # millimetres of an A4 sheet
_INK, _SOFT, _RULE, _BAR = LIGHT.ink, LIGHT.soft, LIGHT.grid, LIGHT.line
_ROW, _BAR_WIDTH = 6.0, 62.0


def pdf_of(document: Document, *, made_at: datetime) -> bytes:
    """Return the PDF. Letters no typeface of ours has are □, and a line says how many."""
    sheet = _Sheet(document, made_at)
    sheet.draw()
    return sheet.bytes()


class _Sheet:
    """Draws a document from top to bottom."""

    def __init__(self, document: Document, made_at: datetime) -> None:
        self._document = document
        self._is_rtl = document.direction == "rtl"
        self._pdf = _blank(document, made_at)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    def draw(self) -> None:
        document, pdf = self._document, self._pdf
        pdf.add_page()
        self._say(document.title, size=22, is_bold=True, line=9.5)
        self._say(document.about, color=_SOFT, line=5.5)
        self._say(document.made, color=_SOFT, line=5.5)
        pdf.ln(4)
        if document.problem:
            self._say(document.problem, size=12, line=6)
        else:
            self._headline()
            self._trend()
        for table in document.tables:
            self._table(table)
        for note in document.notes:
            self._note(note.title, note.lines)
        self._lacking()

    def _headline(self) -> None:
        document = self._document
        if document.score:
            color = _SOFT if document.is_grey else _INK
            self._say(document.score, size=38, is_bold=True, color=color, line=16)
        self._say(document.score_words, size=11, line=6)
        if document.change:
            self._say(document.change, size=12, is_bold=True, line=6)
        if document.change_words:
            self._say(document.change_words, color=_SOFT, line=5.5)
        if document.held:
            self._say(document.held, color=_SOFT, line=5.5)
        self._pdf.ln(3)

    def _trend(self) -> None:
        document, pdf = self._document, self._pdf
        if document.trend is None:
            return
        scale = _WIDTH / float(document.trend.width)
        height = float(document.trend.height) * scale
        self._keep_together(height + 12)
        self._title(document.trend_finding)
        paint_trend(document.trend, _Paper(pdf, top=pdf.get_y(), scale=scale), LIGHT)
        pdf.set_y(pdf.get_y() + height + 1)

    def _title(self, text: str) -> None:
        self._pdf.ln(3)
        self._say(text, size=13, is_bold=True, line=6.5)

    # ---- Tables ------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        self._keep_together(min(len(table.rows), 8) * _ROW + 22)
        self._title(table.title)
        if table.finding:
            self._say(table.finding, color=_SOFT, line=5.5)
        widths = self._widths(table)
        self._heads(table, widths)
        for number, row in enumerate(table.rows):
            height = self._row_height(row[0], widths[0])
            if self._pdf.get_y() + height > self._pdf.h - _FOOT:
                self._pdf.add_page()
                self._heads(table, widths)
            self._row(row, widths, height, table.bars[number] if table.bars else None)
        if table.note:
            self._pdf.ln(1)
            self._say(table.note, size=8.5, color=_SOFT, line=4.5)

    def _widths(self, table: Table) -> list[float]:
        """Return a width per column: numbers what they need, the first what is left."""
        pdf, room = self._pdf, _WIDTH - (_BAR_WIDTH if table.bars else 0.0)
        widths = []
        for index in range(1, len(table.columns)):
            self._font(9.5, is_bold=True)
            head = pdf.get_string_width(self._clean(table.columns[index]))
            self._font(9.5)
            cells = [pdf.get_string_width(self._clean(row[index])) for row in table.rows]
            widths.append(min(max([head, *cells]) + 5, 45.0))
        return [max(room - sum(widths), 30.0), *widths]

    def _heads(self, table: Table, widths: Sequence[float]) -> None:
        self._pdf.ln(1)
        self._cells(table.columns, widths, _ROW, is_bold=True, color=_SOFT)

    def _row(
        self, row: Sequence[str], widths: Sequence[float], height: float, bar: float | None
    ) -> None:
        top = self._pdf.get_y()
        if bar is not None:
            self._bar(bar, top)
        self._cells(row, widths, height)

    def _bar(self, share: float, top: float) -> None:
        length = max(0.0, min(1.0, share)) * (_BAR_WIDTH - 4)
        left = _MARGIN if self._is_rtl else _MARGIN + _WIDTH - _BAR_WIDTH + 4
        if self._is_rtl:
            left += _BAR_WIDTH - 4 - length
        self._pdf.set_fill_color(_BAR)
        if length:
            self._pdf.rect(left, top + 1.4, length, _ROW - 2.8, style="F")

    def _row_height(self, text: str, width: float) -> float:
        self._font(9.5)
        lines: Any = self._pdf.multi_cell(
            width - 2, _ROW - 1, self._clean(text), dry_run=True, output="LINES"
        )
        return max(_ROW, (_ROW - 1) * len(lines) + 1)

    def _cells(
        self,
        row: Sequence[str],
        widths: Sequence[float],
        height: float,
        *,
        is_bold: bool = False,
        color: str = _INK,
    ) -> None:
        pdf, top = self._pdf, self._pdf.get_y()
        self._font(9.5, is_bold=is_bold)
        pdf.set_text_color(color)
        at = _MARGIN
        for index, (text, width) in enumerate(zip(row, widths, strict=True)):
            left = _MARGIN + _WIDTH - (at - _MARGIN) - width if self._is_rtl else at
            is_start = (index == 0) != self._is_rtl
            pdf.set_xy(left, top)
            if index == 0:
                pdf.multi_cell(
                    width, _ROW - 1 if height > _ROW else height, self._clean(text),
                    align="R" if self._is_rtl else "L",
                )  # fmt: skip
            else:
                pdf.cell(width, height, self._clean(text), align="L" if is_start != (index == 0)
                         and self._is_rtl else "R")  # fmt: skip
            at += width
        pdf.set_draw_color(_RULE)
        pdf.set_line_width(0.2)
        pdf.line(_MARGIN, top + height, _MARGIN + _WIDTH, top + height)
        pdf.set_xy(_MARGIN, top + height)

    # ---- Text --------------------------------------------------------------------------------

    def _note(self, title: str, lines: Sequence[str]) -> None:
        self._keep_together(8 + 4.5 * len(lines))
        self._title(title)
        for line in lines:
            self._say(line, size=9, color=_SOFT, line=4.6)

    def _lacking(self) -> None:
        """Say what was left out, for want of a typeface, and where it can be read."""
        missing = "".join(fonts.writable(text)[1] for text in self._document.texts)
        if missing:
            words = ngettext(
                "[…] stands for %(n)s letter this PDF has no typeface for (%(scripts)s). "
                "The HTML form shows it.",
                "[…] stands for %(n)s letters this PDF has no typeface for (%(scripts)s). "
                "The HTML form shows them.",
                len(missing),
            )
            said = {"n": figures.count_text(len(missing)), "scripts": _scripts(missing)}
            self._pdf.ln(3)
            self._say(words % said, size=9, line=4.6)

    def _say(
        self, text: str, *, size: float = 10, is_bold: bool = False, color: str = _INK, line: float
    ) -> None:
        self._font(size, is_bold=is_bold)
        self._pdf.set_text_color(color)
        self._pdf.set_x(_MARGIN)
        align = "R" if self._is_rtl else "L"
        self._pdf.multi_cell(
            _WIDTH, line, self._clean(text), align=align, new_x="LMARGIN", new_y="NEXT"
        )

    def _font(self, size: float, *, is_bold: bool = False) -> None:
        self._pdf.set_font(fonts.LATIN.name, "B" if is_bold else "", size)

    def _clean(self, text: str) -> str:
        return fonts.writable(text)[0]

    def _keep_together(self, height: float) -> None:
        if self._pdf.get_y() + height > self._pdf.h - _FOOT:
            self._pdf.add_page()


class _Paper:
    """A canvas of millimetres, from a top on."""

    def __init__(self, pdf: FPDF, *, top: float, scale: float) -> None:
        self._pdf, self._top, self._scale = pdf, top, scale

    def line(
        self, points: Sequence[Place], color: str, width: float, *, is_dotted: bool = False
    ) -> None:
        self._pdf.set_draw_color(color)
        self._pdf.set_line_width(width * self._scale)
        if is_dotted:
            self._pdf.set_dash_pattern(1.5 * self._scale, 3 * self._scale)
        self._pdf.polyline(self._places(points))
        if is_dotted:
            self._pdf.set_dash_pattern()

    def polygon(self, points: Sequence[Place], color: str) -> None:
        self._pdf.set_fill_color(color)
        self._pdf.polygon(self._places(points), style="F")

    def circle(self, at: Place, radius: float, *, fill: str, rim: str, width: float) -> None:
        x, y = self._places([at])[0]
        self._pdf.set_fill_color(fill)
        self._pdf.set_draw_color(rim)
        self._pdf.set_line_width(width * self._scale)
        self._pdf.circle(x, y, radius * self._scale, style="DF")

    def text(
        self, at: Place, text: str, color: str, *, anchor: Anchor, is_strong: bool = False
    ) -> None:
        x, y = self._places([at])[0]
        self._pdf.set_font(fonts.LATIN.name, "B" if is_strong else "", 8.5)
        self._pdf.set_text_color(color)
        width = self._pdf.get_string_width(text)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        self._pdf.text(left, y + 1.05, text)

    def _places(self, points: Sequence[Place]) -> list[Any]:
        return [(_MARGIN + x * self._scale, self._top + y * self._scale) for x, y in points]


def _blank(document: Document, made_at: datetime) -> FPDF:
    """Return an empty PDF that knows our typefaces and writes from right to left where asked."""
    from fpdf import FPDF

    class Paged(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font(fonts.LATIN.name, "", 8.5)
            self.set_text_color(_SOFT)
            page = {"page": self.page_no(), "pages": "{nb}"}
            text = f"{document.title} · {_('Page %(page)s of %(pages)s') % page}"
            self.cell(_WIDTH, 5, fonts.writable(text)[0], align="C")

    pdf = Paged(format="A4")
    for family in (fonts.LATIN, *fonts.OTHERS):
        pdf.add_font(family.name, "", str(family.regular))
        pdf.add_font(family.name, "B", str(family.bold))
    pdf.set_fallback_fonts([family.name for family in fonts.OTHERS], exact_match=False)
    pdf.set_text_shaping(True, direction=document.direction)
    pdf.set_margins(_MARGIN, 16, _MARGIN)
    pdf.set_auto_page_break(True, margin=_FOOT)
    pdf.c_margin = 0
    pdf.set_title(document.title)
    pdf.set_lang(document.language)
    pdf.set_creator("Verbatim")
    pdf.set_creation_date(made_at)
    return pdf


def _scripts(letters: str) -> str:
    """Name the scripts of some letters, each once: Chinese characters, Japanese, other signs."""
    names = {
        "CJK": _("Chinese characters"),
        "HIRAGANA": _("Japanese"),
        "KATAKANA": _("Japanese"),
        "HANGUL": _("Korean"),
        "THAI": _("Thai"),
        "DEVANAGARI": _("Devanagari"),
        "BENGALI": _("Bengali"),
        "TAMIL": _("Tamil"),
    }
    found = [names.get(fonts.script_of(letter), "") for letter in letters]
    known = list(dict.fromkeys(name for name in found if name))
    return ", ".join([*known, _("other signs")] if "" in found else known)
