"""The form of a connector: which survey, after how long, and where in a call what stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.events import MOST_PROPERTIES, FieldMap, document_of, mapping_of, steps_of
from surveys.models import Connector, Survey
from surveys.roster import property_name

PATHS = ("email", "name", "customer", "language", "delay", "once", "only_path")


def _path(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=200, required=required,
        widget=forms.TextInput(attrs={"class": "code", "dir": "ltr", "autocapitalize": "off",
                                      "spellcheck": "false"}),
    )  # fmt: skip


class ConnectorForm(forms.ModelForm):  # type: ignore[type-arg]
    email = _path(gettext_lazy("E-mail address"), required=True)
    name = _path(gettext_lazy("Name"))
    customer = _path(gettext_lazy("Customer’s number"))
    language = _path(gettext_lazy("Language"))
    once = _path(
        gettext_lazy("Number of the order or ticket"),
        gettext_lazy("Each is asked about at most once, however often it is reported."),
    )
    delay = _path(
        gettext_lazy("Delay in seconds"), gettext_lazy("Empty: the hours above count for all.")
    )
    only_path = _path(
        gettext_lazy("Only if"),
        gettext_lazy("For systems that report every change to one address."),
    )
    only_values = forms.CharField(
        label=gettext_lazy("is one of"), required=False, max_length=400,
        help_text=gettext_lazy("Separate them by commas."),
        widget=forms.TextInput(attrs={"class": "code", "dir": "ltr"}),
    )  # fmt: skip
    properties = forms.CharField(
        label=gettext_lazy("Properties"), required=False,
        help_text=gettext_lazy(
            "One a line: name = path. They are kept with the asking and its answer."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "class": "code", "dir": "ltr",
                                     "spellcheck": "false"}),
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Which system calls, and about what: Shop, order delivered."),
    )

    class Meta:
        model = Connector
        fields = ("survey", "delay_hours", "scheme")
        widgets = {"scheme": forms.RadioSelect}
        labels = {"delay_hours": gettext_lazy("Ask after")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"].queryset = Survey.objects.filter(  # type: ignore[attr-defined]
            ~Q(status=Survey.Status.CLOSED) | Q(pk=self.instance.survey_id)
        ).order_by("name")
        self.fields["delay_hours"].validators.append(MaxValueValidator(8760))
        mapping = mapping_of(self.instance.mapping)
        self.initial["title"] = self.instance.name
        for path in PATHS:
            self.initial[path] = getattr(mapping, path)
        self.initial["only_values"] = ", ".join(mapping.only_values)
        self.initial["properties"] = "\n".join(f"{n} = {p}" for n, p in mapping.properties.items())

    def clean_properties(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["properties"].splitlines(), 1):
            if not line.strip():
                continue
            name, equals, path = line.partition("=")
            if not (equals and name.strip()):
                message = _("Line %(number)s: write name = path, for example plan = customer.plan")
                raise forms.ValidationError(message % {"number": number})
            try:
                steps_of(path)
            except ValueError as error:
                message = _("Line %(number)s: %(flaw)s")
                raise forms.ValidationError(message % {"number": number, "flaw": error}) from None
            found[property_name(name.strip())] = path.strip()
        if len(found) > MOST_PROPERTIES:
            raise forms.ValidationError(_("At most %(most)s properties fit.") % {
                "most": MOST_PROPERTIES})  # fmt: skip
        return found

    def clean_only_values(self) -> tuple[str, ...]:
        values = (value.strip() for value in self.cleaned_data["only_values"].split(","))
        return tuple(value for value in values if value)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for path in PATHS:
            if data.get(path):
                try:
                    steps_of(data[path])
                except ValueError as error:
                    self.add_error(path, str(error))
        if bool(data.get("only_path")) != bool(data.get("only_values")):
            self.add_error("only_values", _("Give both the field and its values, or neither."))
        return data

    def fill(self, connector: Connector) -> Connector:
        """Write what was typed into a connector, unsaved."""
        data = self.cleaned_data
        connector.name, connector.survey = data["title"], data["survey"]
        connector.delay_hours, connector.scheme = data["delay_hours"], data["scheme"]
        connector.mapping = document_of(
            FieldMap(
                **{path: data[path].strip() for path in PATHS},
                only_values=data["only_values"],
                properties=data["properties"],
            )
        )
        return connector
