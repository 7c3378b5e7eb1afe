"""Plain facts other systems tell about customers, and the conventions metrics follow."""

from analytics.success.models.conventions import Conventions, conventions_in_force
from analytics.success.models.conversations import (
    Conversation,
    ConversationMessage,
    SatisfactionModel,
)
from analytics.success.models.figures import FactsTold, KeptAccount, KeptFigure
from analytics.success.models.files import FactFile, FactFileError
from analytics.success.models.health import (
    AccountNote,
    HealthDefinition,
    HealthOverride,
    HealthSnapshot,
)
from analytics.success.models.paths import Path
from analytics.success.models.revenue import (
    Cost,
    ExchangeRate,
    Order,
    SubscriptionState,
    Term,
    Trial,
)
from analytics.success.models.service import ContactLeg, Holiday, OpeningHours, Ticket
from analytics.success.models.sources import FactSource
from analytics.success.models.tracking import TrackingKey
from analytics.success.models.usage import Entitlement, ProductUser, Referral, UsageEvent

__all__ = [
    "AccountNote",
    "ContactLeg",
    "Conventions",
    "Conversation",
    "ConversationMessage",
    "Cost",
    "Entitlement",
    "ExchangeRate",
    "FactFile",
    "FactFileError",
    "FactSource",
    "FactsTold",
    "HealthDefinition",
    "HealthOverride",
    "HealthSnapshot",
    "Holiday",
    "KeptAccount",
    "KeptFigure",
    "OpeningHours",
    "Order",
    "Path",
    "ProductUser",
    "Referral",
    "SatisfactionModel",
    "SubscriptionState",
    "Term",
    "Ticket",
    "TrackingKey",
    "Trial",
    "UsageEvent",
    "conventions_in_force",
]
