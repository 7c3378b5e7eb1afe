"""A contact file from upload to report: batches, resuming, repeating, refusing."""

import csv
import io
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from outbox.claims import claim, claimant, reclaim
from outbox.drain import drain
from outbox.models import Job
from outbox.registry import handler_of
from surveys import sheets, slices, upload_report, uploads
from surveys.models import Contact, Customer, Upload, UploadedContact
from surveys.uploads import UPLOAD

pytestmark = pytest.mark.django_db

HEAD = "email,name,customer id,customer,plan,seats\n"


def upload(text: str, name: str = "people.csv") -> Upload:
    return uploads.receive(name, text.encode(), by=None, language="en")


def run(text: str) -> Upload:
    given = upload(text)
    uploads.start(given)
    while drain(UPLOAD):  # a drain ends after some seconds
        pass
    given.refresh_from_db()
    return given


def counts(done: Upload) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "error", "duplicate")
    return {name: n for name in names if (n := getattr(done, f"{name}_count"))}


def test_good_rows_are_kept_and_bad_ones_reported():
    done = run(
        HEAD + "ada@example.com,Ada,c7,Engines Ltd,Growth,14\n"
        "bob@,Bob,c7,Engines Ltd,Growth,3\n"
        "cara@example.com,Cara,,,Start,1\n"
    )
    assert done.state == Upload.State.DONE
    assert counts(done) == {"created": 2, "error": 1}
    ada = Contact.objects.get(email="ada@example.com")
    assert (ada.name, ada.customer.external_id, ada.customer.name) == ("Ada", "c7", "Engines Ltd")
    assert ada.properties == {"plan": "Growth", "seats": 14}
    (error,) = done.errors.all()
    assert (error.line, error.column, error.code) == (3, "email", "not_email")
    assert error.message == "“bob@” is not an e-mail address."


def test_the_file_itself_is_forgotten_when_it_is_done():
    assert run(HEAD + "ada@example.com,,,,,\n").data is None


def test_the_same_file_again_changes_nothing():
    text = HEAD + "".join(f"p{n}@example.com,P{n},c{n},C{n},Start,{n}\n" for n in range(20))
    assert counts(run(text)) == {"created": 20}
    before = list(Contact.objects.values_list("updated_at", flat=True))
    assert counts(run(text)) == {"unchanged": 20}
    assert list(Contact.objects.values_list("updated_at", flat=True)) == before
    assert Customer.objects.count() == 20


def test_a_later_file_updates_what_it_speaks_of_and_leaves_the_rest():
    run(HEAD + "ada@example.com,Ada,c7,Engines,Start,14\n")
    done = run("email,plan,country\nADA@example.com,Growth,GB\n")
    assert counts(done) == {"updated": 1}
    ada = Contact.objects.get()
    assert (ada.name, ada.customer.external_id) == ("Ada", "c7")
    assert ada.properties == {"plan": "Growth", "seats": 14, "country": "GB"}


def test_the_last_row_of_an_address_wins_whatever_the_batch(monkeypatch):
    monkeypatch.setattr(slices, "BATCH", 2)
    rows = ["ada@example.com,Start", "bob@example.com,Start", "cara@example.com,Start"]
    done = run("email,plan\n" + "\n".join([*rows, "ada@example.com,Growth"]) + "\n")
    assert counts(done) == {"created": 3, "duplicate": 1}
    assert Contact.objects.get(email="ada@example.com").properties == {"plan": "Growth"}
    assert [(error.line, error.is_refusal) for error in done.errors.all()] == [(2, False)]


def test_a_customer_without_an_id_is_found_by_name():
    run(HEAD + "ada@example.com,Ada,c7,Engines,,\n")
    run("email,company\nbob@example.com,Engines\ncara@example.com,Looms\n")
    assert Contact.objects.get(email="bob@example.com").customer.external_id == "c7"
    assert Contact.objects.get(email="cara@example.com").customer.external_id == "Looms"


def test_a_customer_takes_the_new_name_of_its_id():
    run(HEAD + "ada@example.com,Ada,c7,Engines,,\n")
    run(HEAD + "ada@example.com,Ada,c7,Engines and Sons,,\n")
    assert Customer.objects.get().name == "Engines and Sons"


def test_who_stood_in_a_file_is_remembered():
    done = run("email\nada@example.com\nbob@example.com\nbob@\nada@example.com\n")
    assert {c.email for c in done.contacts.all()} == {"ada@example.com", "bob@example.com"}


def test_a_file_is_started_once():
    given = upload("email\nada@example.com\n")
    assert uploads.start(given) is True
    assert uploads.start(given) is False
    assert Job.objects.filter(kind=UPLOAD).count() == 1


def test_a_file_without_an_address_column_cannot_start():
    given = upload("name,plan\nAda,Growth\n")
    with pytest.raises(uploads.NoEmailColumn):
        uploads.start(given)
    assert uploads.preview(given).good == 0


def test_columns_can_be_matched_by_hand_and_left_out():
    given = upload("kontakt,tarif,geheim\nada@example.com,Growth,x\n")
    uploads.choose(given, ["email", "property", "ignore"], encoding="")
    uploads.start(given)
    drain(UPLOAD)
    assert Contact.objects.get().properties == {"tarif": "Growth"}


def test_another_encoding_reads_the_file_anew():
    data = "email,имя\nivan@example.com,Иван\n".encode("cp1251")
    given = uploads.receive("people.csv", data, by=None, language="en")
    assert "имя" not in given.header
    uploads.choose(given, ["email", "name"], encoding="cp1251")
    uploads.start(given)
    drain(UPLOAD)
    assert Contact.objects.get().name == "Иван"


def test_the_preview_says_what_would_happen_and_stores_nothing():
    given = upload("email,name\nada@example.com,Ada\nbob@,Bob\nada@example.com,Ada B\n")
    seen = uploads.preview(given)
    assert (seen.good, seen.refused) == (1, 1)
    assert seen.rows[0] == (2, ("ada@example.com", "Ada"))
    assert [problem.code for problem in seen.problems] == ["not_email", "duplicate"]
    assert Contact.objects.count() == 0


def test_reasons_are_counted_with_an_example_and_a_remedy():
    done = run("email,language\nbob@,\n,\nada@example.com,Klingon\neve,\nx,y\n")
    found = {r.code: (r.count, r.is_refusal) for r in upload_report.reasons(done)}
    assert found == {"not_email": (3, True), "language": (1, False)}
    assert upload_report.reasons(done)[0].example == "“bob@” is not an e-mail address."
    assert all(reason.remedy for reason in upload_report.reasons(done))


def test_refused_rows_come_back_to_be_corrected_and_uploaded_again():
    done = run('email,note\nada@,"=1+1, you see"\nbob@example.com,fine\ncara@,"-3"\n')
    text = "".join(upload_report.refused_csv(done))
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0] == [
        "email", "note", "verbatim: row", "verbatim: column", "verbatim: reason",
        "verbatim: what to do",
    ]  # fmt: skip
    assert rows[1][:5] == [
        "ada@", "'=1+1, you see", "2", "email", "“ada@” is not an e-mail address."
    ]  # fmt: skip
    again = run(text.replace("ada@,", "ada@example.com,").replace("cara@,", "cara@example.com,"))
    assert counts(again) == {"created": 2}
    ada, cara = Contact.objects.exclude(email="bob@example.com").order_by("email")
    assert ada.properties == {"note": "=1+1, you see"}
    assert cara.properties == {"note": -3}


def test_a_stopped_file_does_no_further_rows(monkeypatch):
    monkeypatch.setattr(slices, "BATCH", 1)
    given = upload("email\nada@example.com\nbob@example.com\n")
    uploads.start(given)
    assert uploads._batch(given.pk, 0, *_plan(given)) == 1
    assert slices.stop(given) is True
    drain(UPLOAD)
    given.refresh_from_db()
    assert (given.state, given.rows_done, Contact.objects.count()) == ("stopped", 1, 1)


def _plan(given: Upload):
    """Return the next rows of a file, as a worker reads them now."""
    given.refresh_from_db()
    columns = uploads.columns_of(given)
    repeats = slices.repeats_in(given, lambda rows: uploads.roster.addresses_in(rows, columns))
    return next(slices.parts_of(given)), columns, repeats


def test_a_turn_ends_after_its_time_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(slices, "BATCH", 10)
    monkeypatch.setattr(slices, "SLICE_SECONDS", -1.0)
    done = run("email\n" + "".join(f"p{n}@example.com\n" for n in range(45)))
    assert (done.state, done.rows_done, counts(done)) == ("done", 45, {"created": 45})
    assert Job.objects.get().attempts == 1  # turns are no failures


def test_a_killed_worker_s_file_goes_on_where_it_was(monkeypatch):
    """The process dies after two batches: its claim runs out and another goes on."""
    monkeypatch.setattr(slices, "BATCH", 10)
    given = upload("email\n" + "".join(f"p{n}@example.com\n" for n in range(35)) + "bad@\n")
    uploads.start(given)
    assert len(claim(handler_of(UPLOAD), by=claimant())) == 1
    done = uploads._batch(given.pk, 0, *_plan(given))
    uploads._batch(given.pk, done, *_plan(given))
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reclaim().pending == 1
    drain(UPLOAD)
    given.refresh_from_db()
    assert (given.state, counts(given)) == ("done", {"created": 35, "error": 1})
    assert Contact.objects.count() == UploadedContact.objects.count() == 35
    assert given.errors.count() == 1


def test_a_batch_that_dies_half_way_leaves_nothing_behind(monkeypatch):
    given = upload("email\nada@example.com\nbob@example.com\n")
    uploads.start(given)

    def die(*_args):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_note", die)
        with pytest.raises(MemoryError):
            uploads._batch(given.pk, 0, *_plan(given))
    assert Contact.objects.count() == 0
    drain(UPLOAD)
    given.refresh_from_db()
    assert counts(given) == {"created": 2}


def test_two_workers_never_do_the_same_rows(monkeypatch):
    monkeypatch.setattr(slices, "BATCH", 1)
    given = upload("email\nada@example.com\nbob@example.com\n")
    uploads.start(given)
    assert uploads._batch(given.pk, 0, *_plan(given)) == 1
    assert uploads._batch(given.pk, 0, *_plan(given)) is None
    assert uploads._batch(given.pk, 1, *_plan(given)) == 2
    given.refresh_from_db()
    assert counts(given) == {"created": 2}


def test_a_part_of_what_is_known_is_no_news():
    run(HEAD + "ada@example.com,Ada,c7,Engines,Start,14\n")
    assert counts(run("email,plan\nada@example.com,Start\n")) == {"unchanged": 1}


def test_work_that_was_given_up_says_so_and_can_be_tried_again():
    given = upload("email\nada@example.com\n")
    uploads.start(given)
    Job.objects.update(state=Job.State.DEAD, last_error="DataError: too long")
    assert upload_report.progress(given).trouble == "DataError: too long"
    assert upload_report.try_again(given) == 1
    drain(UPLOAD)
    given.refresh_from_db()
    assert given.state == Upload.State.DONE
    assert upload_report.progress(given).trouble == ""


def test_a_file_that_cannot_be_read_any_more_fails_with_words():
    given = upload("email\nada@example.com\n")
    uploads.start(given)
    Upload.objects.update(data=b"")
    drain(UPLOAD)
    given.refresh_from_db()
    assert (given.state, given.error) == ("failed", "The file is empty.")


def test_counts_that_do_not_add_up_are_refused_by_the_database():
    given = upload("email\nada@example.com\n")
    for change in ({"created_count": 1}, {"rows_done": 2, "created_count": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Upload.objects.filter(pk=given.pk).update(**change)


def test_reasons_speak_the_language_of_whoever_uploaded():
    given = uploads.receive("x.csv", b"email\nada@\n", by=None, language="de")
    assert given.language == "de"


def test_no_table_is_received():
    with pytest.raises(sheets.Unreadable):
        upload("")


def test_a_batch_takes_the_same_number_of_statements_whatever_its_rows(
    django_assert_max_num_queries,
):
    run(HEAD + "".join(f"p{n}@example.com,P{n},c{n % 9},C{n % 9},S,{n}\n" for n in range(250)))
    text = "".join(f"p{n}@example.com,Q{n},c{n % 9},D{n % 9},T,{n}\n" for n in range(500))
    given = upload(HEAD + text)
    uploads.start(given)
    plan = _plan(given)
    with django_assert_max_num_queries(25):
        uploads._batch(given.pk, 0, *plan)


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_new_people_at_once_lose_nobody():
    text = "email,name\n" + "".join(f"p{n}@example.com,P{n}\n" for n in range(200))
    files = [upload(text), upload(text)]
    for given in files:
        uploads.start(given)
    errors: list[BaseException] = []

    def work(given: Upload) -> None:
        try:
            uploads._batch(given.pk, 0, *_plan(given))
        except BaseException as error:  # noqa: BLE001  reported in the main thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(given,)) for given in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Contact.objects.count() == 200
    assert UploadedContact.objects.count() == 400
