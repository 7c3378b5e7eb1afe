from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template


class Command(BaseCommand):
    help = "Compile every template of ours; name those that do not compile."

    def handle(self, *args: Any, **options: Any) -> None:
        names = sorted(self._names())
        broken = [message for name in names if (message := self._problem(name))]
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(f"{len(names)} templates compile")

    def _names(self) -> set[str]:
        ours = [Path(config.path) / "templates" for config in apps.get_app_configs()
                if Path(config.path).is_relative_to(settings.BASE_DIR)
                and not Path(config.path).is_relative_to(settings.BASE_DIR / ".venv")]  # fmt: skip
        engine: dict[str, Any] = settings.TEMPLATES[0]
        roots = [*engine["DIRS"], *ours]
        return {
            str(path.relative_to(root))
            for root in roots
            for suffix in ("html", "txt")
            for path in Path(root).rglob(f"*.{suffix}")
            if "static" not in path.relative_to(root).parts
        }

    def _problem(self, name: str) -> str:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            return f"{name}: {error}"
        return ""
