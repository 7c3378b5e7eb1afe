"""What we ask, whom, and how the question got to them."""

from surveys.models.access import ApiKey, Rate, RepeatableCall
from surveys.models.asking import Invitation, Reminder, Suppression
from surveys.models.campaigns import AskingRules, Campaign
from surveys.models.connectors import Connector, ConnectorCall
from surveys.models.languages import SurveyLanguage, Translation
from surveys.models.people import (
    Contact,
    Customer,
    Segment,
    SegmentCondition,
    Upload,
    UploadedContact,
    UploadError,
)
from surveys.models.sending import MailDomain, MailEvent, Outage, SendingStop, UnreadReport
from surveys.models.sharing import ShareLink
from surveys.models.survey import BandText, Brand, Choice, Question, Survey, Wording

__all__ = [
    "ApiKey",
    "AskingRules",
    "BandText",
    "Brand",
    "Campaign",
    "Choice",
    "Connector",
    "ConnectorCall",
    "Contact",
    "Customer",
    "Invitation",
    "MailDomain",
    "MailEvent",
    "Outage",
    "Question",
    "Rate",
    "Reminder",
    "RepeatableCall",
    "Segment",
    "SegmentCondition",
    "SendingStop",
    "ShareLink",
    "Suppression",
    "Survey",
    "SurveyLanguage",
    "Translation",
    "UnreadReport",
    "Upload",
    "UploadError",
    "UploadedContact",
    "Wording",
]
