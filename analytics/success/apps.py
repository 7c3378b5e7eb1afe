from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SuccessConfig(AppConfig):
    name = "analytics.success"
    label = "success"
    verbose_name = _("Customer success")

    def ready(self) -> None:
        from analytics.success import work  # noqa: F401  registers the kinds of work this app does
        from analytics.success.attention import ALERTS, alert_needs, source_needs
        from outbox.staff.attention import add_source
        from outbox.staff.shell import Entry, add_entry

        may = "success.view_subscriptionstate"
        add_entry(Entry("understand", 30, _("Metrics"), "staff:metrics", "money", may))
        add_source(alert_needs)
        add_source(source_needs)
        add_entry(
            Entry(
                "understand", 32, _("Conversations"), "staff:conversations", "people",
                "success.view_conversation", ALERTS,
            )
        )  # fmt: skip
        live = "success.view_usageevent"
        add_entry(Entry("understand", 35, _("Live"), "staff:live", "clock", live))
        add_entry(Entry("understand", 31, _("Accounts"), "staff:accounts", "alert", may))
