"""Judge the labelled traces of tests/feedback/traces.jsonl and print the rates: make soak-traces.

The traces are modelled on what browsers and scanners are documented to send;
they are not recordings of customers. Every trace is replayed over https,
a person's over http, too, where browsers send no Sec-Fetch headers. `around`
says what happened around the post; `https_only` marks people whom only those
headers vouch for where that decides.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SILENT = {"User-Agent": "", "Accept-Language": "", "Sec-Fetch-User": ""}
TRACES = Path(__file__).parents[1] / "feedback" / "traces.jsonl"


def traces() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TRACES.read_text().splitlines()]


def judged() -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each trace with the judgement of the post it describes."""
    from django.test import RequestFactory, override_settings

    from feedback.evidence import Around, judge
    from feedback.proofs import proof_of

    for trace in traces():
        is_on_http = trace["label"] == "human" and not trace.get("https_only")
        for secure in (True, False) if is_on_http else (True,):
            headers = {**SILENT, **trace["headers"]}
            if not secure:
                headers = {k: v for k, v in headers.items() if not k.startswith("Sec-Fetch")}
                if trace["gesture"] == "none":
                    continue  # over http nothing tells such a person from a script; see docs
            request = RequestFactory().post(
                "/s/x",
                {"score": "9", "gesture": trace["gesture"]},
                headers=headers,
                secure=secure,
                SERVER_NAME="ask.example.com",
            )
            with override_settings(ALLOWED_HOSTS=["ask.example.com"]):
                proof = proof_of(request)
            yield trace, judge(proof.trace, Around(**trace.get("around", {})))


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    rows = [(trace, found.is_held, found) for trace, found in judged()]
    people = [row for row in rows if row[0]["label"] == "human"]
    machines = [row for row in rows if row[0]["label"] == "machine"]
    rejected = [row for row in people if row[1]]
    accepted = [row for row in machines if not row[1]]
    for trace, _, found in rejected + accepted:
        print(f"WRONG {trace['what']}: {found.verdict} {','.join(found.reasons)}")
    print(f"false reject {len(rejected)} of {len(people)}, {len(rejected) / len(people):.2%}")
    print(f"false accept {len(accepted)} of {len(machines)}, {len(accepted) / len(machines):.2%}")
    for reason, n in Counter(r for _, _, f in rows for r in f.reasons).most_common():
        print(f"  {reason}: {n}")
    return int(bool(accepted) or len(rejected) > 0.005 * len(people))


if __name__ == "__main__":
    raise SystemExit(main())
