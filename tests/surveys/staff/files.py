"""A file as a browser sends it."""

from django.core.files.uploadedfile import SimpleUploadedFile


def file(data: bytes, name="people.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
