"""The form of a share link or a widget."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.models import ShareLink
from surveys.roster import MOST_PROPERTY, property_name

MOST_ORIGINS = 20
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


class ShareForm(forms.ModelForm):  # type: ignore[type-arg]
    facts = forms.CharField(
        label=gettext_lazy("Properties"), required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code", "dir": "ltr"}),
        help_text=gettext_lazy(
            "One a line: name = value. They travel with each answer; “touchpoint” names its "
            "touchpoint."
        ),
    )  # fmt: skip
    websites = forms.CharField(
        label=gettext_lazy("Websites it may stand on"), required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code", "dir": "ltr"}),
        help_text=gettext_lazy("One a line, such as https://shop.example.com. Nowhere else."),
    )  # fmt: skip

    class Meta:
        model = ShareLink
        fields = ("name", "per_hour", "most_answers", "is_once", "label", "opens_after")
        help_texts = {
            "name": gettext_lazy("Where people meet it: Counter in Bristol."),
            "per_hour": gettext_lazy("A shop's own Wi-Fi is one network for all who use it."),
            "most_answers": gettext_lazy("Empty: no limit."),
            "is_once": gettext_lazy(
                "A browser that answered is led to its answer. Switch it off for a shared tablet."
            ),
            "label": gettext_lazy("Empty: “Give feedback” in the reader's language."),
            "opens_after": gettext_lazy("Seconds. Empty: only when somebody presses the button."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["per_hour"].validators += [MinValueValidator(1), MaxValueValidator(5000)]
        self.fields["most_answers"].validators.append(MinValueValidator(1))
        self.fields["opens_after"].validators.append(MaxValueValidator(3600))
        rows = self.instance.properties.items()
        self.initial["facts"] = "\n".join(f"{name} = {value}" for name, value in rows)
        self.initial["websites"] = "\n".join(self.instance.origins)
        own = ("websites", "label", "opens_after") if not self.instance.is_widget else ("is_once",)
        for name in own:
            del self.fields[name]

    def clean_most_answers(self) -> int | None:
        most = self.cleaned_data["most_answers"]
        if most is not None and most < self.instance.answers:
            message = _("There are %(count)s answers already.")
            raise forms.ValidationError(message % {"count": self.instance.answers})
        return most  # type: ignore[no-any-return]

    def clean_facts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["facts"].splitlines(), 1):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not (equals and name and value):
                message = _("Line %(number)s: write name = value, for example place = Bristol")
                raise forms.ValidationError(message % {"number": number})
            found[property_name(name)] = value[:MOST_PROPERTY]
        return found

    def clean_websites(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["websites"].splitlines()]
        origins = list(dict.fromkeys(origin_of(line) for line in lines if line))
        if not origins:
            raise forms.ValidationError(_("Name the website whose pages will show it."))
        if len(origins) > MOST_ORIGINS:
            raise forms.ValidationError(_("At most %(most)s fit.") % {"most": MOST_ORIGINS})
        return origins

    def save(self, commit: bool = True) -> ShareLink:
        link: ShareLink = super().save(commit=False)
        link.properties = self.cleaned_data["facts"]
        link.origins = self.cleaned_data.get("websites", [])
        if commit:
            link.save()
        return link


def origin_of(text: str) -> str:
    """Return the origin of an address: https, or http on this machine only. ValidationError."""
    shown = {"text": text[:80]}
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise forms.ValidationError(_("“%(text)s” is no website address.") % shown) from None
    is_plain = all(c.isalnum() or c in "-." for c in host) and "." in host.strip(".")
    if not (is_plain or host in _LOCAL) or parts.username or parts.password:
        raise forms.ValidationError(_("“%(text)s” is no website address.") % shown)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise forms.ValidationError(_("“%(text)s”: only https:// is safe.") % shown)
    is_usual = port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")
