"""The accessibility checker, asked for nothing but what is wrong."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()
# What passed is most of what it says, and costs a third of a second a page to hand over.
_RUN = """axe.run({resultTypes: ["violations"]}).then((found) => found.violations.map(
    (rule) => ({id: rule.id, nodes: rule.nodes.map((it) => ({target: it.target, html: it.html}))})
))"""


def violations(page: Page) -> list[dict[str, Any]]:
    """Return the rules a page breaks, each with `id` and `nodes` (`target`, `html`)."""
    page.evaluate(_AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return found
