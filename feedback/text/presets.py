"""The themes an installation starts with, and which of them suit an industry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedback.text.rules import ThemeRule


@dataclass(frozen=True, slots=True)
class SeededTheme:
    """A theme that ships with the product: an English name, translated where shown, and a rule."""

    name: str
    rule: ThemeRule


def _theme(
    slug: str, name: str, words: str, *, stems: str = "", phrases: str = "", exclusions: str = ""
) -> SeededTheme:
    rule = ThemeRule(slug, _listed(words), _listed(stems), _listed(phrases), _listed(exclusions))
    return SeededTheme(name, rule)


def _listed(entries: str) -> tuple[str, ...]:
    return tuple(entry for entry in map(str.strip, entries.split(",")) if entry)


_GENERAL = (
    _theme(
        "support", "Customer support",
        "support, helpdesk, hotline, agent, representative, rep, chatbot, ticket, callback, hold",
        phrases="customer service, customer care, customer support, customer relations, help desk,"
        " help line, call center, call centre, live chat, tech support, on hold, hung up,"
        " hang up, phone line, speak to someone, talk to someone, get through, got through,"
        " follow up, called back, call back, no help",
        exclusions="plane ticket, flight ticket, ticket price, hold up, get hold, flight agent,"
        " gate agent, does not support, doesn't support, support for, hold charge, hold a charge",
    ),
    _theme(
        "staff", "Staff and service",
        "staff, service, employee, waiter, waitress, server, waitstaff, manager, receptionist,"
        " hostess, host,"
        " bartender, crew, attendant, technician, salesman, cashier, driver, personnel, advisor,"
        " courteous, rude, friendly, unfriendly, unprofessional, attitude, polite, impolite",
        phrases="the team, your team, sales person, sales people, front desk, flight attendant,"
        " gate agent",
        exclusions="customer service, service charge, service fee, service provider, self service,"
        " streaming service, internet service, phone service, cell service, web service,"
        " user friendly, eco friendly, family friendly, kid friendly, pet friendly,"
        " flash drive, disk driver, graphics driver, video driver, the server is down,"
        " server error",
    ),
    _theme(
        "waiting", "Waiting and delays",
        "wait, queue, delay, late, overdue, postponed, slowly, forever, punctual, prompt, promptly",
        phrases="took ages, take ages, too long, long time, on time, in time, hours later,"
        " days later,"
        " weeks later, half an hour, an hour, hours on, still waiting, never arrived,"
        " behind schedule",
        exclusions="wait staff, can't wait, cannot wait, cant wait, waiting room, too late,"
        " late night, sooner or late, better late than never, long time customer",
    ),
    _theme(
        "communication", "Communication",
        "communication, communicate, informed, uninformed, notify, notification, reply, respond,"
        " response, answer, announcement, newsletter, unanswered",
        phrases="let us know, let me know, no word, no information, told us, told me, heard back,"
        " hear back, get back to me, got back to me, kept in the dark, email back, no email",
    ),
    _theme(
        "price", "Price and value",
        "price, pricing, pricey, pricy, priced, cost, costly, expensive, inexpensive, cheap,"
        " cheaper,"
        " cheapest, affordable, unaffordable, overpriced, value, discount, bargain, budget, money,"
        " worth, coupon, promo, deal, penny, bucks, dollar",
        phrases="rip off, good deal, too much for, what you pay, bang for the buck",
        exclusions="deal with, dealing with, big deal, money back, no deal, a great deal of,"
        " cash money",
    ),
    _theme(
        "billing", "Billing and payments",
        "bill, billing, billed, invoice, charge, overcharged, payment, fee, subscription, debit,"
        " receipt, surcharge, autopay, renewal, checkout, pay, transaction",
        phrases="credit card, charged twice, double charged, hidden fees, direct debit, pay for",
        exclusions="charger, charging cable, full charge, hold a charge, battery charge, charging"
        " port, in charge, fully charged, charge my phone, pay attention, check out time",
    ),
    _theme(
        "refunds", "Refunds and returns",
        "refund, reimburse, reimbursed, reimbursement, compensation, voucher, warranty, returned,"
        " replacement, exchange",
        phrases="money back, return it, send it back, sent it back, return policy, returning it,"
        " went back to the store, take it back, took it back, returned it, return this",
        exclusions="exchange rate, currency exchange, exchange student",
    ),
    _theme(
        "delivery", "Delivery and shipping",
        "delivery, deliver, shipping, shipped, shipment, parcel, courier, packaging, package,"
        " packing, dispatched, undelivered",
        phrases="never arrived, not arrived, tracking number, arrived late, arrived early,"
        " arrived on time, arrived damaged, lost in the mail, out for delivery",
        exclusions="delivery of the lecture, software package, package deal, holiday package",
    ),
    _theme(
        "quality", "Product quality",
        "quality, defective, faulty, durable, durability, flimsy, sturdy, shoddy, craftsmanship,"
        " workmanship, material, fabric, broke, fragile, solid, scratched, crack",
        phrases="well made, poorly made, cheaply made, fell apart, falling apart, well built,"
        " poor quality, build quality, high quality, wears out, wore out, stopped working after",
        exclusions="course material, reading material, study material, class material",
    ),
    _theme(
        "ease-of-use", "Ease of use",
        "easy, easily, easier, ease, intuitive, unintuitive, confusing, complicated, cumbersome,"
        " clunky, usability, simple, simplicity, navigate, navigation, interface, straightforward,"
        " convenient, inconvenient, hassle, effortless",
        phrases="user friendly, hard to use, difficult to use, learning curve, hard to find,"
        " difficult to find, self explanatory, hard to understand, difficult to navigate",
    ),
    _theme(
        "speed", "Speed and performance",
        "slow, fast, speed, lag, laggy, sluggish, performance, loading, quick, quickly, buffering,"
        " snappy, responsive, hang",
        phrases="load time, takes forever, slows down, too slow, response time, lags behind",
        exclusions="fast food, slow cooker, slow motion, fast forward, hang out, hang up, hung up,"
        " fast charging, breakfast, theater performance",
    ),
    _theme(
        "reliability", "Bugs and crashes",
        "crash, bug, buggy, glitch, glitchy, freeze, error, outage, downtime, unstable,"
        " malfunction,"
        " unusable, corrupted, reboot, reset, fix, unreliable, reliable, broken",
        phrases="does not work, doesn't work, don't work, not working, stopped working, won't open,"
        " won't load, not load, doesn't load, won't work, keeps closing, force close, shuts down,"
        " black screen, blue screen, error message, can't open, cannot open, won't let me,"
        " fails to, no longer works, didn't work, quit working, not respond, won't start",
        exclusions="bed bug, broken english, prix fix, price fix, heart broken",
    ),
    _theme(
        "features", "Features and requests",
        "feature, functionality, option, integration, integrate, customization, customisation,"
        " lacks,"
        " missing, suggestion, customizable",
        phrases="would like to see, i wish, wish it had, wish there, would be nice, would be great,"
        " would be good, please add, should add, needs to have, ability to, able to choose,"
        " should have an, needs more, add more, bring back, add a, add an, could you add,"
        " can you add,"
        " it would be, should be able to",
        exclusions="no option but, missing bag, missing luggage, missing you",
    ),
    _theme(
        "updates", "Updates and changes",
        "update, upgrade, version, redesign, changelog, downgrade, rollback, patch",
        phrases="new look, old version, previous version, latest version, since the change,"
        " used to work, used to be, changed it, go back to",
        exclusions="upgrade to first, upgrade my seat, seat upgrade, first class upgrade",
    ),
    _theme(
        "mobile-app", "Mobile app",
        "app, android, ios, iphone, ipad, smartphone, tablet",
        phrases="mobile app, mobile version, phone app, app store, play store",
    ),
    _theme(
        "website", "Website",
        "website, site, webpage, homepage, portal, browser, link, online",
        phrases="web site, web page",
        exclusions="on site, construction site, camp site",
    ),
    _theme(
        "account", "Account and login",
        "account, login, password, passcode, username, logon, registration, verification, verify,"
        " profile, pin",
        phrases="log in, log on, logging in, logged out, sign in, signing in, sign on, locked out,"
        " two factor, can't access, cannot access, forgot my",
        exclusions="take into account, on account of",
    ),
    _theme(
        "onboarding", "Setup and onboarding",
        "onboarding, setup, install, installation, tutorial, configure, configuration, uninstall,"
        " reinstall, activation, activate",
        phrases="set up, setting up, getting started, get started, sign up, signing up, first time",
    ),
    _theme(
        "documentation", "Instructions and documentation",
        "documentation, manual, instruction, guide, docs, faq, handbook, guidebook",
        phrases="user guide, knowledge base, help page, how to use",
        exclusions="tour guide, manual transmission",
    ),
    _theme(
        "security", "Security and privacy",
        "security, privacy, secure, insecure, hacked, hacker, fraud, scam, phishing, stolen, gdpr,"
        " unauthorized, unauthorised, permission, spam, scammer, identity",
        phrases="personal data, personal information, my data",
        exclusions="airport security, security line, security check, security guard",
    ),
    _theme(
        "advertising", "Advertising",
        "ad, ads, advert, advertisement, popup, commercials, banner",
        phrases="pop up, pop ups, false advertising, in app purchase",
    ),
    _theme(
        "cancellation", "Cancelling",
        "cancel, cancellation, unsubscribe, terminate",
        phrases="close my account, closing my account, end my subscription, opt out",
    ),
    _theme(
        "availability", "Availability and choice",
        "available, unavailable, availability, stock, variety, selection, choice, restock,"
        " assortment",
        phrases="out of stock, sold out, in stock, ran out, run out, wide range",
        exclusions="stock market, stock photo",
    ),
    _theme(
        "design", "Look and design",
        "design, layout, appearance, stylish, style, color, colour, sleek, elegant, aesthetic,"
        " gorgeous, ugly, graphics, font, theme",
        phrases="looks great, looks good, looks nice, look and feel, dark mode",
        exclusions="course design, systems design, family style, theme park",
    ),
)  # fmt: skip

_BY_INDUSTRY = (
    _theme(
        "food", "Food and drink",
        "food, meal, dish, menu, taste, tasty, delicious, flavor, flavour, dessert, appetizer,"
        " pizza,"
        " sushi, burger, steak, chicken, salad, soup, sauce, wine, beer, drink, cocktail,"
        " breakfast,"
        " lunch, dinner, portion, chef, cook, bread, seafood, fish, pasta, sandwich, cheese, rice,"
        " bagel, brunch, entree, dumpling, noodle, curry, coffee, tea, cake, bland, stale,"
        " overcooked, undercooked, cuisine, ingredient, spicy, buffet, roll",
        exclusions="rice cooker, bread and butter, piece of cake, roll out, toilet roll",
    ),
    _theme(
        "ambience", "Atmosphere",
        "atmosphere, ambience, ambiance, decor, music, lighting, noisy, cozy, cosy, vibe, romantic,"
        " crowded, loud, decorated, interior, setting, charming",
        exclusions="music app, music player, play music, default setting, phone setting,"
        " the settings, settings",
    ),
    _theme(
        "cleanliness", "Cleanliness",
        "clean, dirty, filthy, hygiene, hygienic, mold, mould, smell, smelly, stain, cockroach,"
        " housekeeping, spotless, dusty, stink, unclean, sanitary, bathroom, restroom, toilet",
        phrases="bed bugs, bed bug", exclusions="clean interface, clean design, clean look",
    ),
    _theme(
        "location", "Location and parking",
        "location, located, parking, neighborhood, neighbourhood, downtown, directions, convenient",
        phrases="walking distance, close to, near the, city center, city centre, easy to get to",
        exclusions="location services, location tracking",
    ),
    _theme(
        "room", "Room",
        "room, bed, shower, suite, pillow, mattress, balcony, lobby, elevator, bathroom, towel,"
        " wifi",
        phrases="air conditioning, hotel room, hot water",
        exclusions="room for improvement, living room, dining room, room to, chat room,"
        " waiting room,"
        " class room",
    ),
    _theme(
        "booking", "Booking and reservations",
        "book, booking, reservation, reserve, rebook, itinerary, ticket, reschedule, seat",
        phrases="check in, checking in, boarding pass",
        exclusions="audio book, read a book, this book, the book is, text book, good book,"
        " support ticket",
    ),
    _theme(
        "flight", "Flight and schedule",
        "flight, plane, gate, runway, tarmac, boarding, takeoff, layover, departure, airport,"
        " aircraft, pilot, landed",
        stems="flightl, flighted",
        phrases="cancelled flight, canceled flight, connecting flight, missed connection,"
        " delayed flight, late flight",
    ),
    _theme(
        "baggage", "Baggage",
        "baggage, luggage, bag, suitcase, stroller, carryon",
        phrases="carry on, lost my bag, checked bag, overhead bin",
        exclusions="carry on with, sleeping bag, bean bag, hand bag, shopping bag, tea bag",
    ),
    _theme(
        "comfort", "Comfort and seats",
        "comfort, comfortable, uncomfortable, legroom, seat, cramped, spacious, comfy, roomy",
        phrases="leg room",
    ),
    _theme(
        "fit", "Size and fit",
        "size, fit, sizing, tight, loose, petite, waist, length, sleeve, flattering, unflattering,"
        " oversized, boxy, snug",
        phrases="true to size, runs small, runs large, too small, too big, runs big",
        exclusions="file size, screen size, fit for purpose, tight schedule, font size,"
        " length of time",
    ),
    _theme(
        "battery", "Battery and charging",
        "battery, charger, power, recharge, adapter, plug",
        phrases="battery life, hold a charge, charging cable, charging port, full charge",
        exclusions="power user, power hungry people, powerful, plug in installed",
    ),
    _theme(
        "picture-sound", "Picture and sound",
        "picture, sound, audio, screen, display, speaker, volume, resolution, video, microphone,"
        " camera, clarity, headphone, bass, brightness, pixel",
        exclusions="get the picture, sounds like, sounds good, black screen, blue screen",
    ),
    _theme(
        "cards", "Cards",
        "card, visa, mastercard, contactless",
        phrases="debit card, credit card, virtual card, card payment",
        exclusions="gift card, sim card, sd card, memory card, video card, graphics card",
    ),
    _theme(
        "transfers", "Transfers and top-ups",
        "transfer, deposit, recipient, beneficiary, iban, swift, remittance, cheque",
        phrases="top up, topped up, topping up, bank transfer, wire transfer, send money,"
        " sent money, money transfer",
        exclusions="transferred to another agent, transferred me, transfer call, file transfer",
    ),
    _theme(
        "cash", "Cash and machines",
        "cash, atm, withdrawal, withdraw, withdrew",
        phrases="cash machine, wrong amount", exclusions="cash grab, cash cow",
    ),
    _theme(
        "exchange-rate", "Exchange rate",
        "currency, currencies",
        phrases="exchange rate, foreign currency, conversion rate, currency exchange",
    ),
    _theme(
        "teaching", "Teaching and content",
        "course, lecture, professor, prof, teacher, instructor, assignment, homework, exam,"
        " syllabus,"
        " lesson, tutor, class, curriculum, teaching, lab, project, textbook, webinar",
        phrases="study material, course material",
        exclusions="first class, business class, world class, of course, class action, golf course,"
        " second class, main course, economy class",
    ),
)  # fmt: skip

SEEDED_THEMES: Mapping[str, SeededTheme] = {
    theme.rule.slug: theme for theme in (*_GENERAL, *_BY_INDUSTRY)
}
SEEDED_RULES: tuple[ThemeRule, ...] = tuple(theme.rule for theme in SEEDED_THEMES.values())

_EVERYONE = (
    "support", "staff", "waiting", "communication", "price", "billing", "refunds", "quality",
)  # fmt: skip
_SOFTWARE = (
    "ease-of-use", "speed", "reliability", "features", "updates", "mobile-app", "website",
    "account", "onboarding", "documentation", "security", "design",
)  # fmt: skip
INDUSTRY_PRESETS: Mapping[str, tuple[str, ...]] = {
    "general": tuple(theme.rule.slug for theme in _GENERAL),
    "saas": (*_EVERYONE, *_SOFTWARE, "cancellation"),
    "apps": (*_EVERYONE, *_SOFTWARE, "advertising", "battery", "picture-sound"),
    "retail": (*_EVERYONE, "delivery", "availability", "design", "fit", "website", "account"),
    "electronics": (
        *_EVERYONE, "delivery", "ease-of-use", "onboarding", "reliability", "battery",
        "picture-sound", "design", "documentation",
    ),
    "banking": (
        *_EVERYONE, "cards", "transfers", "cash", "exchange-rate", "account", "security",
        "mobile-app", "website", "ease-of-use", "reliability",
    ),
    "travel": (
        *_EVERYONE, "flight", "baggage", "booking", "comfort", "cancellation", "food",
        "cleanliness", "mobile-app", "website",
    ),
    "hotel": (
        *_EVERYONE, "room", "cleanliness", "location", "booking", "food", "ambience", "comfort",
    ),
    "restaurant": (
        "food", "staff", "waiting", "price", "ambience", "cleanliness", "location", "booking",
        "availability", "delivery",
    ),
    "education": (
        "teaching", "support", "staff", "communication", "price", "ease-of-use", "website",
        "documentation", "reliability",
    ),
}  # fmt: skip
