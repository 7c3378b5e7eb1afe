"""One response: what a person said, what we read in it, what people taught the reader."""

from feedback.models.evidence import Rejudging, StandingChange, Submit
from feedback.models.judgement import OwnWord, Rereading, ThemeSuggestion, Verdict
from feedback.models.reading import Emotion, Mention, Reading, Sentiment, Theme
from feedback.models.response import Answer, LinkOpen, Response, Revision
from feedback.models.saved import SavedAnswer
from feedback.models.seen import Seen

__all__ = [
    "Answer",
    "Emotion",
    "LinkOpen",
    "Mention",
    "OwnWord",
    "Reading",
    "Rejudging",
    "Rereading",
    "Response",
    "Revision",
    "SavedAnswer",
    "Seen",
    "Sentiment",
    "StandingChange",
    "Submit",
    "Theme",
    "ThemeSuggestion",
    "Verdict",
]
