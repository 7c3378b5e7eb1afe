"""What a letter says that is the same for everyone who gets it."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.scales import Scale, scale_of


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a letter says that is the same for everyone; equal facts are one letter."""

    language: str
    kind: str
    question: str
    low_label: str
    high_label: str
    score_labels: tuple[str, ...]
    reader_note: str
    subject: str
    intro: str
    rest_days: int
    company: str
    brand_name: str
    color: str
    sender_name: str
    sender_role: str
    reply_to: str
    postal_address: str
    privacy_url: str

    @property
    def scale(self) -> Scale:
        return scale_of(self.kind)

    @property
    def is_row(self) -> bool:
        """Tell whether the answers stand side by side; words stand one below the other."""
        return self.scale.shape in ("ruler", "stars")
