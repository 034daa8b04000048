"""What the admin says before it deletes: which rows that people know go along, and which do not."""

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import NestedObjects, quote
from django.db import router
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html

from blog.lib.capitals import capitalised
from blog.lib.readonly import GoesAlong


class Known(NestedObjects):
    """Collects all that is deleted, and lists what has a name for people."""

    def add_edge(self, source, target):
        if is_known(type(target), self.site):
            super().add_edge(source, target)


def is_known(model, site):
    """Whether people know it: its name is translated, and it is no part of another row."""
    if model is LogEntry or goes_along(model, site):
        return False
    if not isinstance(model._meta.verbose_name, Promise):
        return False
    return not getattr(model, "is_internal", False)


def goes_along(model, site):
    return site.is_registered(model) and isinstance(site.get_model_admin(model), GoesAlong)


def deleted_with(rows, request, site):
    """Return what Django's function of this purpose does, for a ModelAdmin's pages."""
    if not rows:
        return [], {}, set(), []
    collector = Known(using=router.db_for_write(rows[0]._meta.model), origin=rows)
    collector.site = site
    collector.collect(rows)
    found = collector.model_objs
    return (
        collector.nested(lambda row: named(row, request, site)),
        {
            model._meta.verbose_name_plural: len(found[model])
            for model in found
            if is_known(model, site)
        },
        {str(model._meta.verbose_name) for model in found if is_kept(found[model], request, site)},
        [named(row, request, site) for row in collector.protected],
    )


def is_kept(rows, request, site):
    """Whether some of these rows of a model may not be deleted by who asks for it."""
    model = type(next(iter(rows)))
    if not site.is_registered(model) or goes_along(model, site):
        return False
    may = site.get_model_admin(model).has_delete_permission
    return not all(may(request, row) for row in rows)


def named(row, request, site):
    """Return what a row is and is called, with a link to its page where that can be opened."""
    meta = row._meta
    kind = capitalised(meta.verbose_name)
    if not site.is_registered(type(row)):
        return f"{kind}: {row}"
    admin = site.get_model_admin(type(row))
    if not admin.has_view_or_change_permission(request, row):
        return f"{kind}: {row}"
    page = f"{site.name}:{meta.app_label}_{meta.model_name}_change"
    return format_html('{}: <a href="{}">{}</a>', kind, reverse(page, args=[quote(row.pk)]), row)
