import pytest

from feedback.text.language import Language
from feedback.text.reading import CommentReader

READER = CommentReader(themes=())


def told(text: str, declared: str | None = None) -> Language:
    return READER._gate.tell(READER.scan([text]), [declared])[0]


ENGLISH = [
    "The support team never answered my emails", "Great app but it crashes a lot",
    "too slow", "Very good", "I love it!", "Terrible management.", "no instructions.",
    "Works as described", "could not log in since the last update", "it's ok I guess",
    "Cheap, cheerful & quick — would buy again", "the crêpes were delicious",
]  # fmt: skip
FOREIGN = {
    "de": "Der Support hat nie geantwortet, sehr schlechter Service",
    "fr": "Le service client n'a jamais répondu, je suis très déçu",
    "es": "El servicio es muy malo y la entrega llegó tarde",
    "it": "Il servizio è pessimo e la consegna è arrivata in ritardo",
    "pt": "O atendimento foi péssimo e a entrega chegou atrasada",
    "nl": "De klantenservice heeft nooit op mijn mail gereageerd",
    "sv": "Mycket dålig service och leveransen kom för sent",
    "pl": "Obsługa klienta była bardzo zła i nigdy nie odpowiedziała",
    "tr": "Müşteri hizmetleri çok kötüydü ve hiç cevap vermedi",
    "fi": "Asiakaspalvelu oli todella huono eikä vastannut koskaan",
    "ru": "Служба поддержки так и не ответила, очень плохо",
    "el": "Η εξυπηρέτηση ήταν πολύ κακή και δεν απάντησαν ποτέ",
    "ar": "خدمة العملاء سيئة جدا ولم يردوا أبدا",
    "zh": "客服从来没有回复我的邮件，非常失望",
    "ja": "サポートから返事がまったく来ませんでした",
    "ko": "고객 지원이 전혀 답변하지 않았습니다",
    "hi": "ग्राहक सेवा बहुत खराब थी और जवाब नहीं मिला",
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_kept(text: str) -> None:
    assert told(text).code == "en"
    assert told(text).reason == ""


@pytest.mark.parametrize(("code", "text"), FOREIGN.items())
def test_other_languages_are_named_and_not_read(code: str, text: str) -> None:
    assert told(text).code == code
    assert told(text).reason == "language_unsupported"


@pytest.mark.parametrize("text", FOREIGN.values())
def test_obviously_foreign_text_is_not_english_because_it_was_declared_so(text: str) -> None:
    assert told(text, "en").code != "en"


@pytest.mark.parametrize(
    "text", ["super", "todo bien", "fatal", "die Preise", "gut", "nul", "mist"]
)
def test_one_or_two_words_that_other_languages_share_are_left_alone(text: str) -> None:
    assert told(text).reason in ("too_short", "language_unknown")


@pytest.mark.parametrize("text", ["super", "Excellent", "fatal", "ok"])
def test_a_declared_language_settles_one_word(text: str) -> None:
    assert told(text, "en") == Language("en", 0.9)


def test_a_declared_language_holds_unless_the_words_say_otherwise() -> None:
    assert told("Alles super", "de").code == "de"
    assert told("super service", "fr").code == "fr"
    plainly_english = "The support team never answered any of my questions about this"
    assert told(plainly_english, "de").code == "en"


def test_romanised_hindi_is_not_english() -> None:
    assert told("bahut accha app hai bhai mast").code != "en"
