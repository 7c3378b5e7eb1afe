"""Forms of the staff side of asking. They check what was typed; services store it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.editor import MOST_CHOICES, BandWording, is_kind_fixed
from surveys.mail import sample_letter
from surveys.models import Brand, Question, Survey
from surveys.scales import kind_choices
from surveys.sheets import MOST_BYTES
from surveys.wording import draw_up

_SHORT_NAME = gettext_lazy("Letters, digits and hyphens. It stands in addresses and the API.")


class NewSurveyForm(forms.Form):
    """What a draft needs to exist: a kind, a name, a brand."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=kind_choices, widget=forms.RadioSelect, initial="nps"
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("For you and your colleagues, such as Customer relationship."),
    )
    brand = forms.ModelChoiceField(
        Brand.objects.order_by("name"), label=gettext_lazy("Brand"), required=False,
        empty_label=gettext_lazy("A new one …"),
    )  # fmt: skip
    brand_name = forms.CharField(
        label=gettext_lazy("Name of the new brand"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Who asks: your company or product. Colour and logo follow later."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("brand") and not data.get("brand_name", "").strip():
            self.add_error("brand_name", _("Choose a brand or name a new one."))
        return data


class SurveyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Everything a survey says but its additional questions."""

    # When the form was opened: saving over somebody else's changes is refused.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Survey
        fields = (
            "name", "slug", "kind", "brand", "language", "product_name", "question", "low_label",
            "high_label", "comment_prompt", "thanks", "mail_subject", "mail_intro", "reader_note",
            "touchpoint", "rest_days", "link_days", "closes_at",
        )  # fmt: skip
        widgets = {
            "question": forms.Textarea(attrs={"rows": 2}),
            "thanks": forms.Textarea(attrs={"rows": 2}),
            "mail_intro": forms.Textarea(attrs={"rows": 2}),
            "closes_at": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        }
        labels = {
            "rest_days": gettext_lazy("Rest between asks"),
            "link_days": gettext_lazy("Links stay open"),
        }
        help_texts = {
            "slug": _SHORT_NAME,
            "name": gettext_lazy("Only staff see it."),
            "question": gettext_lazy("{company} becomes the product or company."),
            "comment_prompt": gettext_lazy(
                "Asked of everyone whose band has no prompt of its own."
            ),
            "thanks": gettext_lazy("Said to everyone whose band has no text of its own."),
            "mail_subject": gettext_lazy(
                "{name} becomes the first name, {company} the product or company."
            ),
            "mail_intro": gettext_lazy("One sentence. The question stands right below it."),
            "link_days": gettext_lazy("A link in a mail stops working after this."),
            "closes_at": gettext_lazy("Leave it empty to close the survey yourself."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drawn_kind = self.instance.scale  # the instance changes while the form is checked
        self.bands = [
            BandForm(
                self.data if self.is_bound else None,
                prefix=f"band-{band.slug}",
                band=band,
                initial=_band_initial(self.instance, band.slug),
            )
            for band in self.drawn_kind.bands
        ]
        self.fields["rest_days"].validators = [MinValueValidator(0), MaxValueValidator(730)]
        self.fields["link_days"].validators = [MinValueValidator(1), MaxValueValidator(730)]
        if is_kind_fixed(self.instance):
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("People have been asked on it, so it stays.")
        if not self.is_bound:
            self.initial["seen"] = self.instance.updated_at.isoformat()
        self._show_defaults()

    def _show_defaults(self) -> None:
        """Show what an empty field means, in the survey's own language."""
        now = self.instance
        bare = Survey(
            kind=now.kind, language=now.language, brand=now.brand, product_name=now.product_name
        )
        defaults = draw_up(bare, band_texts=(), questions=())
        for name in ("question", "low_label", "high_label", "comment_prompt", "thanks"):
            self.fields[name].widget.attrs["placeholder"] = getattr(defaults, name)
        subject = sample_letter(bare, defaults, link="", name="{name}").subject
        self.fields["mail_subject"].widget.attrs["placeholder"] = subject
        for form in self.bands:
            words = defaults.bands[form.band.slug]
            form.fields["comment_prompt"].widget.attrs["placeholder"] = words.comment_prompt
            form.fields["thanks"].widget.attrs["placeholder"] = words.thanks

    def is_valid(self) -> bool:
        if all([super().is_valid(), *(form.is_valid() for form in self.bands)]):
            return True
        if self.is_bound and not self.errors:
            self.add_error(None, _("Look at the texts of the bands below."))
        return False

    def band_wordings(self) -> dict[str, BandWording]:
        """Return what was typed for each band; what is not valid counts as empty."""
        return {form.band.slug: BandWording(**form.cleaned_data) for form in self.bands}


def _band_initial(survey: Survey, slug: str) -> dict[str, str]:
    text = next((row for row in survey.band_texts.all() if row.band == slug), None)
    names = ("comment_prompt", "thanks", "link_text", "link_url")
    return {name: getattr(text, name) for name in names} if text else {}


class BandForm(forms.Form):
    """What people of one band read."""

    comment_prompt = forms.CharField(
        label=gettext_lazy("Comment prompt"), max_length=200, required=False
    )
    thanks = forms.CharField(label=gettext_lazy("Thank-you text"), max_length=300, required=False)
    link_text = forms.CharField(label=gettext_lazy("Link text"), max_length=80, required=False)
    link_url = forms.URLField(
        label=gettext_lazy("Link address"), max_length=200, required=False, assume_scheme="https"
    )

    def __init__(self, *args: Any, band: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.band = band

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "link_url" in data and bool(data.get("link_text")) != bool(data["link_url"]):
            missing = "link_url" if data.get("link_text") else "link_text"
            self.add_error(missing, _("A link needs both a text and an address."))
        return data


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One additional question; its choices one a line."""

    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One a line. A changed line is a new choice: answers so far keep the old one."
        ),
    )
    bands = forms.MultipleChoiceField(
        label=gettext_lazy("Shown to"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: everyone is asked."),
    )  # fmt: skip

    class Meta:
        model = Question
        fields = (
            "kind", "text", "scale_low", "scale_high", "low_label", "high_label", "bands",
        )  # fmt: skip
        widgets = {"text": forms.Textarea(attrs={"rows": 2}), "kind": forms.RadioSelect}

    def __init__(self, *args: Any, is_published: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bands"].choices = [  # type: ignore[attr-defined]
            (band.slug, band.name) for band in self.instance.survey.scale.bands
        ]
        self.fields["kind"].choices = Question.Kind.choices  # type: ignore[attr-defined]
        self.fields["scale_low"].validators = [MinValueValidator(0), MaxValueValidator(1)]
        self.fields["scale_high"].validators = [MinValueValidator(2), MaxValueValidator(10)]
        if is_published:  # its answers were given on this scale
            for name in ("kind", "scale_low", "scale_high"):
                self.fields[name].disabled = True
        if self.instance.pk:
            rows = self.instance.choices.filter(is_retired=False)
            self.initial["choices"] = "\n".join(choice.text for choice in rows)

    def clean_choices(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        lines = list(dict.fromkeys(line for line in lines if line))
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(_("A choice has at most 200 characters."))
        if len(lines) > MOST_CHOICES:
            raise forms.ValidationError(
                _("A question has at most %(most)s choices.") % {"most": MOST_CHOICES}
            )
        return lines

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs = data.get("kind") in (Question.Kind.ONE_CHOICE, Question.Kind.MANY_CHOICES)
        if needs and len(data.get("choices", [])) < 2 and "choices" not in self.errors:
            self.add_error("choices", _("Write at least two choices, one a line."))
        return data


ENCODING_NAMES = [
    ("", gettext_lazy("Found out by itself")),
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", gettext_lazy("Western European (Windows)")),
    ("cp1250", gettext_lazy("Central European (Windows)")),
    ("cp1251", gettext_lazy("Cyrillic (Windows)")),
    ("cp1253", gettext_lazy("Greek (Windows)")),
    ("cp1254", gettext_lazy("Turkish (Windows)")),
    ("cp1256", gettext_lazy("Arabic (Windows)")),
]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=gettext_lazy("Up to 20 MB and 200,000 rows. You see what would happen first."),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 20 MB. Split it and upload the parts.")
            )
        return file


class CopyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)


def free_slug(name: str) -> str:
    """Return a short name for a survey that no other has: "relationship-2"."""
    stem = slugify(name)[:50].strip("-") or "survey"
    taken = set(Survey.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbers = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *numbers) if slug not in taken)
