from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from feedback import work  # noqa: F401  registers the kinds of work this app does
        from feedback.attention import WAITING, needs
        from outbox.staff.attention import add_source
        from outbox.staff.shell import Entry, add_entry

        add_source(needs)
        add_entry(
            Entry(
                group="",
                order=20,
                label=_("Responses"),
                url_name="staff:responses",
                icon="inbox",
                permission="feedback.view_response",
                counted=WAITING,
            )
        )
        add_entry(
            Entry(
                group="understand",
                order=10,
                label=_("Themes"),
                url_name="staff:themes",
                icon="tag",
                permission="feedback.view_theme",
            )
        )
        add_entry(
            Entry(
                group="understand",
                order=15,
                label=_("Reading"),
                url_name="staff:reading",
                icon="eye",
                permission="feedback.view_reading",
            )
        )
        add_entry(
            Entry(
                group="",
                order=25,
                label=_("Saved answers"),
                url_name="staff:saved-answers",
                icon="file",
                permission="feedback.view_savedanswer",
            )
        )
        add_entry(
            Entry(
                group="run",
                order=32,
                label=_("Whose answers count"),
                url_name="staff:judging",
                icon="robot",
                permission="feedback.view_rejudging",
            )
        )
