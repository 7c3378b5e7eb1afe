"""What staff write when they save an answer for later."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.inbox_panels import language_name
from feedback.models import SavedAnswer, Theme
from feedback.saved_answers import Draft, draft_of

_ANY = ("", gettext_lazy("whatever"))


def language_choices(also: str = "") -> list[tuple[str, str]]:
    """Return our own languages first, then all others that have a name, by that name."""
    ours = [code for code, _name in settings.LANGUAGES]
    others = {code for code in LANG_INFO if len(code) == 2} | {"zh"}
    if also:
        others.add(also)
    named = sorted((language_name(code), code) for code in others - set(ours))
    return [(code, language_name(code)) for code in ours] + [(code, name) for name, code in named]


class SavedAnswerForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=120,
        help_text=gettext_lazy("For you and your colleagues. Nobody outside reads it."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=SavedAnswer.LONGEST,
        widget=forms.Textarea(attrs={"rows": 9, "dir": "auto"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    themes = forms.MultipleChoiceField(
        label=gettext_lazy("It is about"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sentiment = forms.ChoiceField(
        label=gettext_lazy("What they write"),
        required=False,
        choices=[_ANY, *SavedAnswer.Sentiment.choices],
        help_text=gettext_lazy("With themes: how the theme is spoken of."),
    )
    tone = forms.ChoiceField(
        label=gettext_lazy("What they give"),
        required=False,
        choices=[_ANY, *SavedAnswer.Tone.choices],
        help_text=gettext_lazy("Good is a promoter, satisfied or easy; bad is a detractor."),
    )

    def __init__(self, *args: Any, answer: SavedAnswer | None = None, **about: Any) -> None:
        draft = draft_of(answer) if answer else None
        if draft:
            about["initial"] = {name: getattr(draft, name) for name in Draft.__slots__}
        super().__init__(*args, **about)
        kept = Q(is_active=True) | Q(slug__in=draft.themes if draft else ())
        self.fields["themes"].choices = list(  # type: ignore[attr-defined]
            Theme.objects.filter(kept).values_list("slug", "name")
        )
        self.fields["language"].choices = language_choices(  # type: ignore[attr-defined]
            draft.language if draft else ""
        )

    @property
    def draft(self) -> Draft:
        return Draft(**{name: self.cleaned_data[name] for name in Draft.__slots__})

    def refuse(self, reasons: dict[str, list[str]]) -> None:
        for field, messages in reasons.items():
            for message in messages:
                self.add_error(field, message)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if "\x00" in text:
            raise forms.ValidationError(_("This may not hold control characters."))
        return text
