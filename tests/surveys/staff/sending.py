"""Press the button of the send page, as its form does."""

from uuid import uuid4

from django.urls import reverse


def go(client, survey, **changes):
    token = str(uuid4())
    data = {"source": "everyone", "go": "1", "will": "2", "token": token, "name": "November"}
    return client.post(reverse("staff:send", args=[survey.slug]), data | changes)
