"""How the API documents itself: drf-spectacular's settings and the last touches to its document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_DESCRIPTION = Path(__file__).resolve().parent.parent / "templates" / "api" / "description.md"
SPECTACULAR_SETTINGS = {
    "TITLE": "Verbatim API",
    "DESCRIPTION": _DESCRIPTION.read_text(),
    "VERSION": "1",
    "TAGS": [
        {"name": "Surveys", "description": "What is asked."},
        {"name": "Contacts", "description": "Whom we may ask, and the accounts they belong to."},
        {"name": "Invitations", "description": "One contact asked once."},
        {"name": "Responses", "description": "What people said, and what was read in it."},
        {"name": "Scores", "description": "The numbers of the dashboard."},
        {"name": "Targets", "description": "Goals, how they stand, and their alarms."},
        {"name": "Warning signs", "description": "What warns of an account, and what came of it."},
        {"name": "Tasks", "description": "What is to be done for accounts."},
        {"name": "Playbooks", "description": "Steps that become tasks of an account."},
        {"name": "Themes", "description": "Subjects comments are about."},
        {"name": "Saved answers", "description": "What staff answer often. Drafts, never sent."},
        {"name": "Suppressions", "description": "Addresses that get no survey mail."},
        {"name": "Exports", "description": "Files of any length."},
        {"name": "Reports", "description": "Documents on a schedule, as HTML and PDF."},
    ],
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "list",
        "defaultModelsExpandDepth": 0,
        "defaultModelExpandDepth": 3,
        "displayRequestDuration": True,
        "filter": False,
        "persistAuthorization": False,  # a key stays in the tab, and only there
        "validatorUrl": None,
    },
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "DigestRhythmEnum": "analytics.digests.models.Digest.Rhythm",
        "ReportRhythmEnum": "analytics.digests.models.Report.Rhythm",
        "ChannelEnum": "surveys.models.Invitation.Channel",
        "StateEnum": "surveys.models.Invitation.State",
        "TargetStateEnum": "analytics.targets.api_shapes.STATES",
        "AlarmKindEnum": "analytics.targets.models.Alarm.Kind",
        "SignKindEnum": "analytics.care.models.WarningSign.Kind",
        "PlaybookTriggerEnum": "analytics.care.models.Playbook.Trigger",
        "SignStateEnum": "analytics.care.models.WarningSign.State",
        "ExportStateEnum": "analytics.exports.models.ExportFile.State",
        "ImportChannelEnum": "feedback.api.shapes.IMPORT_CHANNELS",
        "SentimentEnum": "feedback.models.Sentiment",
        "SavedSentimentEnum": "feedback.api.saved_answers.SENTIMENTS",
        "ReasonEnum": "surveys.models.Suppression.Reason",
        "NoSuggestionEnum": "feedback.api.saved_answers.REASONS",
        "QuestionKindEnum": "surveys.models.Question.Kind",
        "SurveyKindEnum": "surveys.scales.kind_choices",
        "LanguageEnum": "surveys.models.survey.LANGUAGE_CHOICES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.finish",
    ],
}


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say that request bodies hold no other names than those listed."""
    for schema in _request_schemas(result):
        schema["additionalProperties"] = False
    return result


def _request_schemas(result: dict[str, Any]) -> list[dict[str, Any]]:
    components = result.get("components", {}).get("schemas", {})
    return [
        schema
        for name, schema in components.items()
        if name.endswith(("In", "Change")) and schema.get("type") == "object"
    ]
