from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "analytics.care"
    label = "care"
    verbose_name = _("Looking after accounts")

    def ready(self) -> None:
        from analytics.care import work  # noqa: F401  registers the kinds of work this app does
        from analytics.care.attention import SIGNS, needs
        from analytics.care.panels import moments, panels
        from analytics.success.beside import add_moments, add_panels
        from outbox.staff.attention import add_source
        from outbox.staff.shell import Entry, add_entry

        add_source(needs)
        add_panels(panels)
        add_moments(moments)
        add_entry(
            Entry(
                "understand", 33, _("Warning signs"), "staff:signs", "bell",
                "care.view_warningsign", SIGNS,
            )
        )  # fmt: skip
        add_entry(
            Entry(
                "understand", 34, _("Tasks"), "staff:tasks", "check", "care.view_task",
                covers=("/admin/playbooks/",),
            )
        )  # fmt: skip
