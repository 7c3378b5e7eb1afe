"""What people write to teach the reader: themes, own words, choices of period and survey."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from feedback.coverage import PERIODS
from feedback.models import Theme
from feedback.text.forms import words_of
from feedback.theme_editor import LISTS, ThemeDraft, draft_of, entries_of, problems_of
from surveys.models import Survey

MOST_TEXT = 20_000


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, **about: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "dir": "auto"})
        super().__init__(widget=rows, required=False, max_length=MOST_TEXT, **about)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        return entries_of(super().clean(value))


class ThemeForm(forms.Form):
    """A theme in the editor; `draft` is what it says, also when it cannot be saved."""

    name = forms.CharField(label=_("Name"), max_length=80)
    words = LinesField(
        label=_("Words"),
        help_text=_("One a line. “price” also finds “prices” and “pricing”."),
    )
    stems = LinesField(
        label=_("Beginnings of words"),
        help_text=_("“deliver” finds delivery, delivered, deliverable."),
    )
    phrases = LinesField(label=_("Phrases"), help_text=_("Several words in this order."))
    exclusions = LinesField(
        label=_("Not when it says"),
        help_text=_("“free of charge” keeps “charge” from counting there."),
    )

    def __init__(self, *args: Any, theme: Theme | None = None, **about: Any) -> None:
        self.theme = theme
        if theme and "initial" not in about:
            draft = draft_of(theme)
            about["initial"] = {name: getattr(draft, name) for name in ("name", *LISTS)}
        super().__init__(*args, **about)

    @property
    def draft(self) -> ThemeDraft:
        said = self.cleaned_data
        return ThemeDraft(said.get("name", ""), *(said.get(name, ()) for name in LISTS))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for problem in problems_of(self.draft, theme=self.theme):
            if problem.field not in self.errors:
                self.add_error(problem.field, problem.message)
        return cleaned


class OwnWordForm(forms.Form):
    text = forms.CharField(
        label=_("Word or phrase"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    weight = forms.FloatField(
        label=_("Weight"),
        help_text=_("From −4, very bad, to 4, very good. 0 takes all feeling out of it."),
        validators=[MinValueValidator(-4.0), MaxValueValidator(4.0)],
        widget=forms.NumberInput(attrs={"min": -4, "max": 4, "step": "0.1"}),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not words_of(text):
            raise forms.ValidationError(_("Write at least one letter or digit."))
        return text


class SliceForm(forms.Form):
    """Which comments: a survey ("" for all) and days back ("" for all)."""

    survey = forms.ChoiceField(label=_("Survey"), required=False)
    days = forms.TypedChoiceField(
        label=_("Period"), required=False, coerce=int, empty_value=None, choices=()
    )

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, **about)
        surveys = Survey.objects.order_by("name").values_list("slug", "name")
        periods = [(days, _("last %s days") % days) for days in PERIODS]
        self.fields["survey"].choices = [("", _("all surveys")), *surveys]  # type: ignore[attr-defined]
        self.fields["days"].choices = [*periods, ("", _("from the beginning"))]  # type: ignore[attr-defined]


class ExplorerForm(SliceForm):
    groups = forms.TypedChoiceField(
        label=_("Groups"), coerce=int, choices=[(n, str(n)) for n in (5, 8, 12, 16)]
    )
