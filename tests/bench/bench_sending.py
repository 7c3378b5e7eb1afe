"""P8: mails a second and CPU a mail, through the whole path, beside the least and the naive way.

    bare    smtplib in a loop with one ready message, one connection
    naive   one template and one send_mail per invitation, then a save
    ours    claim, admit, pace, render, hand over, record: `outbox.drain`

Each side is one process into the same sink, which is compiled C when there is
a compiler, else a process of Python for each side. `make bench-sending`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import speak
from tests.servers import free_port, postgres_server

ROUNDS = 3 if speak.is_small() else 5
MAILS = 200 if speak.is_small() else 1000
SIDES = ("bare", "naive", "ours")
HERE = Path(__file__).parent
SINK = """
import sys
from aiosmtpd.controller import Controller
class Take:
    async def handle_DATA(self, server, session, envelope):
        return "250 kept"
Controller(Take(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
import threading; threading.Event().wait()
"""


@contextmanager
def sink(directory: Path) -> Iterator[int]:
    """Start a server that takes every mail; its port."""
    port, compiler = free_port(), shutil.which("gcc") or shutil.which("cc")
    if compiler:
        program = str(directory / "sink")
        build = [compiler, "-O2", "-D_GNU_SOURCE", "-o", program, str(HERE / "sink.c")]
        subprocess.run(build, check=True)
        command = [program, str(port)]
    else:
        command = [sys.executable, "-c", SINK, str(port)]
    process = subprocess.Popen(command)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=2).quit()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no sink on port {port} after ten seconds")


def main() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        base = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VERBATIM_DATA": name,
            "OUTBOX_BELL": "false",
            "LOG_LEVEL": "ERROR",
        }
        compare("sqlite", base, directory)
        url = stack.enter_context(postgres_server(directory / "postgres"))
        compare("postgresql", {**base, "DATABASE_URL": url}, directory)
    speak.machine(rounds=ROUNDS, packages=("Django", "psycopg", "css-inline"))
    speak.publish("sending")


def compare(database: str, environment: dict[str, str], directory: Path) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, env=environment, check=True)
    found: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for number in range(ROUNDS):
        for side in SIDES:  # interleaved: what else the machine does hits all alike
            with sink(directory) as port:
                found[side].append(_run(side, number, {**environment, "EMAIL_URL": _url(port)}))
    report(database, found)


def _url(port: int) -> str:
    return f"smtp://127.0.0.1:{port}"


def _run(side: str, number: int, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.bench_sending", side, str(number)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def report(database: str, found: dict[str, list[dict[str, float]]]) -> None:
    def middle(side: str, what: str) -> float:
        return speak.median([row[what] for row in found[side]])

    for side in SIDES:
        speak.figure("P8", f"{database}_{side}_mails_per_second", middle(side, "rate"))
        speak.figure("P8", f"{database}_{side}_peak_mb", middle(side, "peak_mb"))
    pairs = list(zip(found["ours"], found["naive"], strict=True))
    times = speak.median([ours["rate"] / naive["rate"] for ours, naive in pairs])
    speak.figure("P8", f"{database}_times_naive", times, at_least=2.5)
    speak.figure("P8", f"{database}_bare_cpu_ms", middle("bare", "cpu_ms"))
    speak.figure("P8", f"{database}_naive_cpu_ms", middle("naive", "cpu_ms"))
    speak.figure("P8", f"{database}_ours_cpu_ms", middle("ours", "cpu_ms"), at_most=1.0)


# ---- One side, in a process of its own ---------------------------------------------------------


def side(name: str, number: int) -> None:
    import django

    django.setup()
    rows = _invitations(f"bench-{name}-{number}")
    send = {"bare": _bare, "naive": _naive, "ours": _ours}[name]
    if name != "ours":
        _leave_nothing_to_drain()  # or ours would send these mails, too
    before, started = time.process_time(), time.perf_counter()
    send(rows)
    seconds, spent = time.perf_counter() - started, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": MAILS / seconds, "cpu_ms": 1000 * spent / MAILS, "peak_mb": peak}))


def _invitations(slug: str) -> list[Any]:
    """Write down people at some hundred domains, so that pacing works and holds up nobody."""
    from surveys.models import Brand, Campaign, Contact, Survey
    from surveys.services import go_live, invite

    brand, _made = Brand.objects.get_or_create(name="Kestrel")
    survey = Survey.objects.create(slug=slug, name=slug, kind="nps", brand=brand, rest_days=0)
    go_live(survey)
    people = Contact.objects.bulk_create(
        [Contact(email=f"{slug}-{n}@d{n % 500}.example", name=f"Ada {n}") for n in range(MAILS)],
        1000,
    )
    campaign = Campaign.objects.create(name=slug, survey=survey, audience_size=MAILS)
    return invite(survey, people, campaign=campaign)


def _leave_nothing_to_drain() -> None:
    from outbox.models import Job

    Job.objects.all().delete()


def _bare(rows: list[Any]) -> None:
    from django.conf import settings

    from surveys.mail import render_invitation
    from surveys.models import Invitation
    from surveys.services import token_of

    full = Invitation.objects.select_related("survey__brand", "survey__wording", "contact")
    row = full.get(pk=rows[0].pk)
    raw = render_invitation(row, token_of(row)).message().as_bytes(linesep="\r\n")
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        for _row in rows:
            server.sendmail("surveys@ask.example", ["ada@example.com"], raw)


def _naive(rows: list[Any]) -> None:
    """The loop of an afternoon; its template is as long as ours is once drawn."""
    from django.core.mail import send_mail
    from django.template import Context, Template
    from django.utils import timezone

    from surveys.mail import render_invitation
    from surveys.models import Invitation
    from surveys.services import link_of, token_of

    full = Invitation.objects.select_related("survey__brand", "survey__wording", "contact")
    first = full.get(pk=rows[0].pk)
    drawn = str(render_invitation(first, token_of(first)).alternatives[0][0])
    template = Template(drawn.replace(link_of(first), "{{ link }}"))
    for row in rows:
        facts = Context({"link": link_of(row)})
        send_mail(
            "One question", f"Please answer: {link_of(row)}", None, [row.contact.email],
            html_message=template.render(facts),
        )  # fmt: skip
        row.state, row.sent_at = "sent", timezone.now()
        row.save(update_fields=["state", "sent_at"])


def _ours(rows: list[Any]) -> None:
    from outbox.drain import drain
    from surveys.models import Invitation
    from surveys.services import DELIVER

    while drain(DELIVER):
        pass
    sent = Invitation.objects.filter(pk__in=[row.pk for row in rows[:500]], state="sent").count()
    if sent != min(len(rows), 500):
        raise RuntimeError(f"only {sent} mails of the first {min(len(rows), 500)} left")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        side(sys.argv[1], int(sys.argv[2]))
    else:
        main()
