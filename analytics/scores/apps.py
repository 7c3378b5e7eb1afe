from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoresConfig(AppConfig):
    name = "analytics.scores"
    label = "scores"
    verbose_name = _("Scores")

    def ready(self) -> None:
        from analytics.scores import work  # noqa: F401  registers the kinds of work this app does
        from outbox.staff.shell import Entry, add_entry

        add_entry(Entry("", 0, _("Home"), "admin:index", "home"))
