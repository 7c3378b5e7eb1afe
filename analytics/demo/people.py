"""Who is asked in the demo: invented companies and people on addresses that reach nobody."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

COMPANIES = tuple(
    """Alder & Finch|Mossbank Schools|Tern Retail|Halden Marine|Calder Logistics|Brightwater Dental|
    Osprey Interiors|Larch Street Bakery|Nordlys Energi|Petrel Films|Quill & Oak|Saltmarsh Hotels|
    Thistle Foods|Umber Studio|Vantage Cycling|Wren Architects|Yarrow Health|Zephyr Cargo|
    Amber Lane Toys|Birch & Sons|Copperfield Law|Dovetail Joinery|Elm Grove Vets|Fathom Diving|
    Granary Brewing|Heron Print|Isla Cosmetics|Juniper Gardens|Kiln Ceramics|Lantern Travel|
    Magpie Jewellers|Northgate Motors|Orchard Clinics|Pebble Beach Surf|Quarry Bank Stone|
    Riverside Opticians|Sparrow Coffee|Tidewater Yachts|Upland Farms|Violet Floristry|
    Westerly Tours|Yew Tree Nurseries|Anchor Foundry|Bellwether Wool|Cinder Path Runners|
    Drake & Daughters|Everdene Dairy|Foxglove Pharmacy|Gannet Shipping|Harbour Lights|
    Inkwell Books|Jackdaw Music|Kingfisher Pools|Linden Care|Meadowlark Preschool|Nettle & Bloom|
    Oakham Removals|Primrose Events|Rook Lane Gallery|Starling Software""".split("|")
)
FIRST = tuple(
    """Dana Jonas Inés Amélie Piotr Hana Owen Sofia Liam Noor Mateo Elif Grace Anders Chiara Kofi
    Yuki Marta Idris Freya Tomas Leila Ruth Arjun Nadia Felix Zoe Emeka Signe Paolo Aisha Bruno
    Clara Dmitri Esther Farid Greta Hugo Ivy Javier Katya Lars Mina Nils Olga Pavel Rosa Samir
    Tessa Umar Vera Wim Xenia Yara Zane Bea Colin Delia""".split()
)
LAST = tuple(
    """Whitfield Reuter Carvajal Roux Zając Mori Pryce Lindqvist Okafor Haddad Bianchi Novak Byrne
    Sørensen Costa Mensah Tanaka Kowalska Rahman Falk Vidal Petrov Nyström Iyer Weber Fontaine
    Adeyemi Holm Moretti Yilmaz Aalto Becker Castillo Dupont Eriksen Farouk Gallo Hughes Ivanov
    Jensen Kaur Lopez Marsh Nakamura Oliveira Peeters Quist Rossi Silva Turner Ueda Vos Walsh
    Young Zimmer Abbott Blom Crane""".split()
)
PLANS = (("Starter", 3), ("Growth", 4), ("Scale", 2))
COUNTRIES = (("GB", 5), ("DE", 2), ("FR", 1), ("ES", 1), ("SE", 1), ("IE", 1))
LANGUAGE_OF = {"DE": "de", "FR": "fr", "ES": "es"}


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    external_id: str
    name: str
    plan: str
    country: str
    seats: int


@dataclass(frozen=True, slots=True)
class DemoContact:
    email: str
    name: str
    customer: DemoCustomer
    language: str
    role: str


def weighted(dice: random.Random, choices: tuple[tuple[str, int], ...]) -> str:
    return dice.choices([name for name, _ in choices], [weight for _, weight in choices])[0]


def _plain(text: str) -> str:
    """Return the ASCII letters of a name, for an address."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("ł", "l"))
    return "".join(c for c in letters if c.isascii() and c.isalnum())


def customers(dice: random.Random) -> list[DemoCustomer]:
    rows = []
    for number, name in enumerate(COMPANIES, 1):
        plan = weighted(dice, PLANS)
        seats = {"Starter": dice.randint(1, 4), "Growth": dice.randint(5, 20)}.get(plan)
        rows.append(
            DemoCustomer(
                f"K-{1000 + number}",
                name.strip(),
                plan,
                weighted(dice, COUNTRIES),
                seats or dice.randint(20, 90),
            )
        )
    return rows


def contacts(dice: random.Random, companies: list[DemoCustomer], count: int) -> list[DemoContact]:
    """Return `count` people with distinct addresses under the reserved .example domain."""
    rows: dict[str, DemoContact] = {}
    while len(rows) < count:
        company = dice.choices(companies, [2 + c.seats**0.7 for c in companies])[0]
        first, last = dice.choice(FIRST), dice.choice(LAST)
        email = f"{_plain(first)}.{_plain(last)}@{_plain(company.name)}.example"
        role = dice.choice(("Finance lead", "Bookkeeper", "Owner", "Office manager", "Accountant"))
        language = LANGUAGE_OF.get(company.country, "en")
        rows.setdefault(email, DemoContact(email, f"{first} {last}", company, language, role))
    return list(rows.values())
