"""Removes characters that XML forbids from all text that comes in, by `storable`.

This is done to every row that is saved and, before that, to everything sent to the admin, so that
its forms check what will be stored.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import models
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from blog.markup import storable


def make_storable(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """Remove forbidden characters from each text of a row, except deferred fields."""
    for field in sender._meta.concrete_fields:
        value = instance.__dict__.get(field.attname)
        if not (isinstance(value, str) and isinstance(field, models.CharField | models.TextField)):
            continue
        if (clean := storable(value)) != value:
            setattr(instance, field.attname, clean)


def takes_storable_text(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view to get fields, query parameters and file names as they can be stored."""

    @wraps(view)
    def with_storable_text(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.GET = storable_fields(request.GET)
        if request.method == "POST":
            request.POST = storable_fields(request.POST)
            for file in (file for _name, files in request.FILES.lists() for file in files):
                file.name = storable(file.name)
        return view(request, *args, **kwargs)

    return with_storable_text


def storable_fields(fields: QueryDict) -> QueryDict:
    """Return the fields of a form, cleaned. A password is stored by its hash, so it stays."""
    cleaned = QueryDict(mutable=True, encoding=fields.encoding)
    for name, values in fields.lists():
        secret = "password" in name
        cleaned.setlist(name, values if secret else [storable(value) for value in values])
    cleaned._mutable = False
    return cleaned
