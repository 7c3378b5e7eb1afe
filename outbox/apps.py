from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "outbox"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        from outbox import checks, lookups  # noqa: F401  register system checks and `__any_of`
        from outbox.staff.attention import add_source
        from outbox.staff.shell import Entry, add_entry
        from outbox.trouble import STUCK, needs

        add_source(needs)
        add_entry(
            Entry(
                group="run",
                order=80,
                label=_("Background work"),
                url_name="admin:outbox_job_changelist",
                icon="work",
                permission="outbox.view_job",
                counted=STUCK,
            )
        )
