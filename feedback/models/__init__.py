"""One response: what a person said, and what we read in it."""

from feedback.models.reading import Emotion, Mention, Reading, Theme
from feedback.models.response import Answer, LinkOpen, Response, Revision

__all__ = ["Answer", "Emotion", "LinkOpen", "Mention", "Reading", "Response", "Revision", "Theme"]
