"""Every table that leaves, by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.exports.dataset import Dataset
from analytics.exports.fact_tables import FACT_TABLES
from analytics.exports.figure_tables import FIGURE_TABLES
from analytics.exports.survey_tables import SURVEY_TABLES

GROUPS: Sequence[tuple[str | Promise, Sequence[Dataset]]] = (
    (_("What people said"), SURVEY_TABLES),
    (_("Customer metrics"), FIGURE_TABLES),
    (_("Facts about customers"), FACT_TABLES),
)
DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset for _title, tables in GROUPS for dataset in tables
}
