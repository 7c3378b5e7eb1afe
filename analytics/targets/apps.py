from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TargetsConfig(AppConfig):
    name = "analytics.targets"
    label = "targets"
    verbose_name = _("Targets")

    def ready(self) -> None:
        from analytics.scores.beside import add_beside
        from analytics.success.goals import add_goals
        from analytics.targets import work  # noqa: F401  registers the kinds of work this app does
        from analytics.targets.attention import ALARMS, beside_survey, needs, on_metrics
        from outbox.staff.attention import add_source
        from outbox.staff.shell import Entry, add_entry

        add_source(needs)
        add_beside(beside_survey)
        add_goals(on_metrics)
        add_entry(
            Entry(
                group="understand",
                order=20,
                label=_("Targets"),
                url_name="staff:targets",
                icon="target",
                permission="targets.view_target",
                counted=ALARMS,
            )
        )
