"""One brand colour in, every colour of a page out, readable in light and dark.

Pure. Works in OKLCH (Björn Ottosson, "A perceptual color space for image
processing", 2020): the hue is kept, lightness moves until the contrast of
WCAG 2.2 (success criteria 1.4.3 and 1.4.11) holds against every ground the
colour may stand on. The property test draws from all 16.7 million colours.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass
from functools import lru_cache

_Rgb = tuple[float, float, float]

ERRORS = {"light": ("#a3261b", "#fdeeec"), "dark": ("#ffb4a8", "#3d1d19")}
_SHADES = {
    "light": "0 1px 2px #0000000d,0 18px 50px -18px #00000024",
    "dark": "0 1px 0 #ffffff0d inset",
}
_TEXT, _SHAPE = 4.6, 3.05  # a little above WCAG's 4.5 and 3, for rounding to eight bits


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one mode, each `#rrggbb`.

    Grounds: page, surface, tint, key. Text on any ground: ink, muted, link.
    Borders: edge (fields), rim (buttons and chosen keys). `on` is text on `fill`.
    """

    page: str
    surface: str
    tint: str
    key: str
    ink: str
    muted: str
    edge: str
    rim: str
    fill: str
    on: str
    link: str


@dataclass(frozen=True, slots=True)
class Palette:
    light: Tokens
    dark: Tokens


@dataclass(frozen=True, slots=True)
class _Lch:
    """A colour by lightness 0..1, chroma 0..0.4 and hue in radians."""

    lightness: float
    chroma: float
    hue: float

    def toned(self, lightness: float, most_chroma: float = 1.0) -> str:
        return _hex(lightness, min(self.chroma, most_chroma), self.hue)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1..21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=256)
def palette(color: str) -> Palette:
    """Return all colours of a brand. ValueError for anything but `#rrggbb`."""
    brand = _lch(color)
    return Palette(_light(color.lower(), brand), _dark(brand))


def _light(color: str, brand: _Lch) -> Tokens:
    page, surface = brand.toned(0.966, 0.008), "#ffffff"
    tint, key = brand.toned(0.912, 0.032), brand.toned(0.964, 0.009)
    grounds = (page, surface, tint, key)
    return Tokens(
        page=page,
        surface=surface,
        tint=tint,
        key=key,
        ink=brand.toned(0.24, 0.03),
        muted=_darker(brand, 0.48, 0.022, need=_TEXT, grounds=grounds),
        edge=_darker(brand, 0.68, 0.03, need=_SHAPE, grounds=(page, surface, key)),
        # A pale brand keeps its own colour as fill and gets a darker rim around it.
        rim=_darker(brand, brand.lightness, 1, need=_SHAPE, grounds=grounds),
        fill=color,
        on=_text_on(color),
        link=_darker(brand, min(brand.lightness, 0.55), 1, need=_TEXT, grounds=grounds),
    )


def _dark(brand: _Lch) -> Tokens:
    page, surface = brand.toned(0.185, 0.014), brand.toned(0.225, 0.016)
    tint, key = brand.toned(0.335, 0.05), brand.toned(0.275, 0.022)
    grounds = (page, surface, tint, key)
    # A grey brand has no hue to show on a dark ground: its fill becomes nearly white.
    start = max(brand.lightness, 0.62 if brand.chroma > 0.04 else 0.88)
    fill = _lighter(brand, start, 1, need=_SHAPE, grounds=grounds)
    return Tokens(
        page=page,
        surface=surface,
        tint=tint,
        key=key,
        ink=brand.toned(0.95, 0.008),
        muted=_lighter(brand, 0.74, 0.022, need=_TEXT, grounds=grounds),
        edge=_lighter(brand, 0.5, 0.03, need=_SHAPE, grounds=(page, surface, key)),
        rim=fill,
        fill=fill,
        on=_text_on(fill),
        link=_lighter(brand, max(brand.lightness, 0.7), 1, need=_TEXT, grounds=grounds),
    )


def _text_on(fill: str) -> str:
    return "#ffffff" if contrast("#ffffff", fill) >= _TEXT else "#000000"


def _darker(
    brand: _Lch, start: float, most: float, *, need: float, grounds: tuple[str, ...]
) -> str:
    return _walk(brand, start, most, step=-0.005, need=need, grounds=grounds)


def _lighter(
    brand: _Lch, start: float, most: float, *, need: float, grounds: tuple[str, ...]
) -> str:
    return _walk(brand, start, most, step=0.005, need=need, grounds=grounds)


def _walk(
    brand: _Lch,
    lightness: float,
    most: float,
    *,
    step: float,
    need: float,
    grounds: tuple[str, ...],
) -> str:
    """Move in lightness until the contrast holds on the worst ground."""
    while True:
        color = brand.toned(lightness, most)
        if min(contrast(color, ground) for ground in grounds) >= need:
            return color
        if not 0 < lightness + step < 1:
            return color
        lightness += step


def stylesheet(color: str) -> str:
    """Return the colours of a brand as CSS custom properties for both modes."""
    both = palette(color)
    return (
        f":root{{color-scheme:light dark;{_properties(both.light, 'light')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_properties(both.dark, 'dark')}}}}}\n"
    )


def _properties(tokens: Tokens, mode: str) -> str:
    error, error_ground = ERRORS[mode]
    named = {**asdict(tokens), "err": error, "errbg": error_ground, "shade": _SHADES[mode]}
    return ";".join(f"--{name}:{value}" for name, value in named.items())


@lru_cache(maxsize=256)
def stylesheet_name(color: str) -> str:
    """Return the file name that stands for exactly this stylesheet: colour and digest.

    The colour in it is all a server needs to draw the sheet again, so no
    table is asked; the digest makes it safe to keep for ever.
    """
    digest = hashlib.sha256(stylesheet(color).encode()).hexdigest()[:10]
    return f"{color[1:].lower()}-{digest}"


# ---- sRGB <-> OKLCH -----------------------------------------------------------------


def _channels(color: str) -> _Rgb:
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"{color!r} is not a colour like #125e6b")
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _luminance(color: str) -> float:
    red, green, blue = _channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lch(color: str) -> _Lch:
    r, g, b = _channels(color)
    l, m, s = (  # noqa: E741  the cone responses' own names
        value ** (1 / 3)
        for value in (
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        )
    )
    green_red = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    blue_yellow = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    return _Lch(lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red))


def _linear_rgb(lightness: float, chroma: float, hue: float) -> _Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    )


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Return the nearest colour a screen can show, giving up chroma, never lightness or hue."""
    while True:
        linear = _linear_rgb(lightness, chroma, hue)
        if chroma < 0.002 or all(-0.0005 <= value <= 1.0005 for value in linear):
            break
        chroma -= 0.004
    shown = (round(255 * _gamma(min(1.0, max(0.0, value)))) for value in linear)
    return "#" + "".join(f"{min(255, value):02x}" for value in shown)
