"""The themes an installation starts with, and which of them suit an industry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedback.text.themes import ThemeRule


@dataclass(frozen=True, slots=True)
class SeededTheme:
    """A theme that ships with the product: an English name (translated where shown) and its rule."""

    name: str
    rule: ThemeRule


def _theme(
    slug: str,
    name: str,
    *,
    words: str = "",
    stems: str = "",
    phrases: str = "",
    exclusions: str = "",
) -> SeededTheme:
    def split(listed: str) -> tuple[str, ...]:
        return tuple(item.strip() for item in listed.split(",") if item.strip())

    return SeededTheme(
        name, ThemeRule(slug, split(words), split(stems), split(phrases), split(exclusions))
    )


_SEEDED = (
    _theme("support", "Support", words="support, helpdesk, hotline, agent, chat, ticket, representative, rep",
           stems="customer servic, customer car", phrases="customer service, customer support, customer care, help desk, got back to me, on hold, call center, call centre"),
    _theme("price", "Price and value", words="price, cost, expensive, cheap, pricey, overpriced, affordable, value, discount, money, worth",
           phrases="value for money, rip off, too much money"),
    _theme("ease-of-use", "Ease of use", words="easy, intuitive, confusing, complicated, user-friendly, usability, simple, navigate, interface",
           phrases="easy to use, hard to use, user friendly, learning curve"),
    _theme("speed", "Speed", words="slow, fast, lag, laggy, sluggish, speed, performance, loading", phrases="takes forever, too long to load"),
    _theme("reliability", "Reliability", words="crash, bug, buggy, freeze, broken, unstable, reliable, glitch, outage, downtime, error",
           phrases="does not work, doesn't work, stopped working, not working"),
    _theme("delivery", "Delivery", words="delivery, deliver, shipping, shipped, parcel, package, courier, arrive", phrases="never arrived"),
    _theme("billing", "Billing", words="bill, billing, invoice, charge, payment, subscription, fee", phrases="credit card, charged twice", exclusions="free of charge"),
    _theme("onboarding", "Onboarding", words="onboarding, setup, install, installation, tutorial, training", phrases="set up, getting started, sign up"),
    _theme("mobile-app", "Mobile app", words="app, mobile, android, ios, iphone, ipad"),
    _theme("staff", "Staff", words="staff, employee, team, waiter, waitress, people, friendly, rude, helpful, manager"),
    _theme("quality", "Product quality", words="quality, defective, durable, flimsy, material, sturdy", phrases="well made, poor quality"),
    _theme("features", "Features", words="feature, missing, integration, option, functionality", phrases="would like to see, wish it had, would be nice"),
    _theme("communication", "Communication", words="communication, email, notification, update, informed, reply, respond, response"),
    _theme("returns", "Refunds and returns", words="refund, return, exchange, reimbursed", phrases="money back", exclusions="exchange rate"),
    _theme("account", "Account and login", words="account, login, password, log-in, verification", phrases="log in, sign in, locked out"),
    _theme("documentation", "Documentation", words="documentation, manual, instructions, guide, docs, faq"),
)  # fmt: skip

SEEDED_THEMES: Mapping[str, SeededTheme] = {theme.rule.slug: theme for theme in _SEEDED}
SEEDED_RULES: tuple[ThemeRule, ...] = tuple(theme.rule for theme in _SEEDED)

INDUSTRY_PRESETS: Mapping[str, tuple[str, ...]] = {
    "general": tuple(SEEDED_THEMES),
    "saas": ("support", "price", "ease-of-use", "speed", "reliability", "billing", "onboarding", "mobile-app",
             "features", "communication", "account", "documentation"),
    "retail": ("support", "price", "delivery", "staff", "quality", "returns", "communication", "account"),
    "banking": ("support", "price", "ease-of-use", "reliability", "billing", "mobile-app", "account", "staff"),
    "travel": ("support", "price", "staff", "delivery", "communication", "returns", "account"),
    "restaurant": ("price", "speed", "staff", "quality", "delivery"),
}  # fmt: skip
