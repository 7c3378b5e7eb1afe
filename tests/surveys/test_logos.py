"""A logo is what its first bytes say, small, and never something that could run."""

import pytest

from surveys.logos import BadLogo, type_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 20, "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_each_kind_of_picture_is_known_by_its_first_bytes(data, type_):
    assert type_of(data) == type_


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\nnothing", b"RIFF", b"GIF89a"])
def test_nothing_else_is_a_logo(data):
    with pytest.raises(BadLogo):
        type_of(data)
