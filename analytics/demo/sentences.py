"""What the customers of Kestrel Ledger say: our own sentences, by subject and mood.

Pure. `{…}` are filled from SLOTS, so that the same thought is rarely worded
the same way twice.
"""

from __future__ import annotations

SLOTS: dict[str, tuple[str, ...]] = {
    "agent": ("Karim", "Priya", "Lotte", "Sam", "Beatriz", "Owen", "Mei"),
    "bank": ("our bank", "Handelsbanken", "both our banks", "the savings account", "Wise"),
    "days": ("two days", "three days", "four days", "almost a week", "five working days"),
    "hours": ("ten minutes", "an hour", "half an hour", "two hours"),
    "month": ("month end", "the VAT return", "quarter close", "payroll week"),
    "report": (
        "the cash flow report",
        "the aged debtors list",
        "the profit and loss",
        "the VAT report",
    ),
    "thing": (
        "multi-currency invoices",
        "a proper approval flow",
        "budgets per project",
        "receipts by mail",
    ),
    "role": ("bookkeeper", "accountant", "finance lead", "boss", "auditor"),
    "percent": ("18 %", "a quarter", "nearly 30 %", "another 12 %"),
}

GOOD: dict[str, tuple[str, ...]] = {
    "bank feeds": (
        "The new bank feed saves me every Friday afternoon.",
        "Bank feeds finally just work, also for {bank}.",
        "Reconciling {bank} takes minutes now instead of an evening.",
        "Since the update the bank connection has not dropped once.",
        "Transactions from {bank} arrive every morning and most are matched already.",
        "I no longer type a single bank line by hand.",
    ),
    "support": (
        "{agent} from support stayed on the phone until it worked.",
        "Support answered within {hours} and solved it at the first try.",
        "Friendly people who actually read what I wrote.",
        "{agent} explained the fix so that I could do it myself next time.",
        "Whenever I write to support I get a real answer, not a link.",
        "Great support, quick and patient.",
        "{agent} found the mistake in my own import and was kind about it.",
        "A clear answer with pictures, and it worked.",
        "I wrote in the evening and had the solution with my breakfast.",
        "Solved within {hours}, and somebody asked next day whether it held.",
        "{agent} knew our account and did not ask everything twice.",
        "One mail, one answer, done.",
        "They admitted it was their bug and told me when it would be fixed. It was.",
        "Patient with me, and I am not good at this.",
        "They called me back within {hours}, which I did not expect.",
    ),
    "ease of use": (
        "It is easy to use, even for someone who hates accounting.",
        "I found everything where I expected it.",
        "Clear screens, nothing that I do not need.",
        "My {role} learnt it in one afternoon.",
        "The simplest ledger we have worked with.",
        "Everything about invoicing is quick and intuitive.",
    ),
    "reports": (
        "{report} is exactly what my {role} asks for.",
        "Exports to Excel are clean, no fixing by hand.",
        "Our {role} loves {report}.",
        "I can answer questions about cash in a minute now.",
    ),
    "price": (
        "Good value for what we pay.",
        "Fair price, no surprises on the bill.",
        "Cheaper than the last one and better.",
    ),
    "reliability": (
        "It has never been down when we needed it.",
        "Fast and stable, even at {month}.",
        "Not a single crash in a year.",
    ),
    "onboarding": (
        "The setup call with {agent} was worth gold.",
        "Importing our old ledger took {hours}, all balances correct.",
        "Up and running on the first day.",
        "The step by step guide made the start painless.",
    ),
    "invoicing": (
        "Customers pay faster since invoices carry a payment link.",
        "Recurring invoices simply go out, I do not think about them any more.",
        "Invoices look professional.",
    ),
    "general": (
        "I told two colleagues about it already.",
        "We would not go back to the old one.",
        "It does what it promises.",
        "Honestly the best tool we bought this year.",
        "Keep it as simple as it is!",
        "Very happy, thank you.",
        "Nothing to complain about.",
        "Love it",
        "All good 👍",
        "Saves us a day every month.",
    ),
}

BAD: dict[str, tuple[str, ...]] = {
    "bank feeds": (
        "The connection to {bank} breaks every other week.",
        "Bank transactions were imported twice and I had to delete them one by one.",
        "{bank} is still not supported.",
        "The bank feed stopped in the middle of {month} and nobody told us.",
    ),
    "support": (
        "{days} for an answer during {month} is too long.",
        "Nobody answered my two e-mails.",
        "The ticket was closed without a word.",
        "The chat robot goes in circles before a person comes.",
        "Three people, three different answers.",
        "I explained the same problem to four agents and it is still not solved.",
        "Support never called back although they promised it.",
        "I waited {days} and then got a link to an article I had already read.",
        "Support used to be quick, now it takes {days}.",
        "Had to write four times before somebody understood.",
        "{agent} said it would be fixed by {month}. It was not.",
        "I was sent an article that describes another version.",
        "Closed without solving it, so I opened it again.",
        "By the time you answered I had found it out myself.",
        "No reply for {days}, then one line.",
    ),
    "ease of use": (
        "Too many clicks to correct one booking.",
        "The new menu is confusing, I cannot find journals any more.",
        "It is complicated to split a payment.",
        "The search finds everything but the thing I look for.",
    ),
    "reports": (
        "{report} does not match the ledger and nobody can explain why.",
        "Exporting {report} takes forever.",
        "I still build {report} in a spreadsheet because yours cannot be filtered.",
        "I needed {report} by project and it is not there.",
    ),
    "price": (
        "The price went up {percent} without anything new for us.",
        "Too expensive for a small office.",
        "We pay more than last year and still cannot tell what we pay for.",
        "Extra fees for every user add up.",
    ),
    "reliability": (
        "The app crashes when I attach a photo.",
        "It was down on the last day of {month}.",
        "Pages load so slowly that I do something else meanwhile.",
        "I keep being logged out in the middle of a booking.",
        "The same error since the last update.",
    ),
    "onboarding": (
        "The import lost half of our opening balances.",
        "Setup took weeks because nobody told us which file to upload.",
        "I did not know what to do after the first log in.",
        "The training video shows an old version.",
    ),
    "invoicing": (
        "A customer got the same invoice twice, embarrassing.",
        "Credit notes are a mess.",
        "No way to change the due date on a sent invoice.",
        "Reminders went out to people who had paid.",
    ),
    "missing": (
        "We miss {thing}.",
        "Without {thing} we have to look elsewhere.",
        "I asked for {thing} a year ago.",
        "It would be nice to have {thing}.",
    ),
    "general": (
        "Not what we were promised.",
        "We are looking at alternatives.",
        "Disappointed.",
        "It works, but it costs nerves.",
        "A failed payroll run cost us a weekend 😡",
        "It got worse since spring.",
    ),
}

NEUTRAL: tuple[str, ...] = (
    "It does the job.",
    "I use it only for invoices.",
    "We started last month, too early to say.",
    "Same as the others I have used.",
    "Ok",
    "My colleague uses it more than I do.",
    "Please add {thing}.",
    "No strong opinion.",
    "n/a",
    "We mainly use {report}.",
)

OTHER_LANGUAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "de": {
        "good": (
            "Der Bankabgleich spart mir jede Woche zwei Stunden.",
            "Schneller und freundlicher Support, vielen Dank!",
            "Endlich eine Buchhaltung, die man ohne Handbuch versteht.",
        ),
        "bad": (
            "Der Support hat sich seit vier Tagen nicht gemeldet.",
            "Die App stürzt beim Hochladen von Belegen immer wieder ab.",
            "Zu teuer für das, was wir davon nutzen.",
        ),
    },
    "fr": {
        "good": (
            "Karim est resté au téléphone jusqu'à ce que ça marche. C'est pour ça que je reste.",
            "Très simple à prendre en main, toute l'équipe l'utilise.",
        ),
        "bad": (
            "Toujours pas de réponse du service client après trois jours.",
            "Le rapport de TVA ne correspond pas à nos écritures.",
        ),
    },
    "es": {
        "good": (
            "El nuevo enlace bancario me salva cada viernes por la tarde.",
            "Muy fácil de usar y el equipo de soporte es encantador.",
        ),
        "bad": (
            "Nadie contesta a mis correos desde la semana pasada.",
            "Ha subido el precio y no ha mejorado nada.",
        ),
    },
    "ar": {
        "good": ("البرنامج سهل الاستخدام والدعم سريع جدا.",),
        "bad": ("انتظرت أربعة أيام ولم يرد أحد على رسالتي.",),
    },
}
