"""What the admin says before it deletes: which rows that people know go along, and which do not."""

from django.contrib.admin.utils import NestedObjects, quote
from django.db import router
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html

from blog.lib.capitals import capitalised
from blog.lib.readonly import GoesAlong


class Known(NestedObjects):
    """Collects all that is deleted, and lists what has a name for people."""

    def _nested(self, obj, seen, format_callback):
        return super()._nested(obj, seen, format_callback) if is_known(type(obj)) else []


def is_known(model):
    """Whether people know it: its name is translated, and it is no part of another row."""
    meta = model._meta
    return isinstance(meta.verbose_name, Promise) and not getattr(model, "is_internal", False)


def deleted_with(rows, request, site):
    """Return what Django's function of this purpose does, for a ModelAdmin's pages."""
    if not rows:
        return [], {}, set(), []
    collector = Known(using=router.db_for_write(rows[0]._meta.model), origin=rows)
    collector.collect(rows)
    found = collector.model_objs
    return (
        collector.nested(lambda row: named(row, site)),
        {model._meta.verbose_name_plural: len(found[model]) for model in found if is_known(model)},
        {str(model._meta.verbose_name) for model in found if is_kept(found[model], request, site)},
        [named(row, site) for row in collector.protected],
    )


def is_kept(rows, request, site):
    """Whether some of these rows of a model may not be deleted by who asks for it."""
    model = type(next(iter(rows)))
    if not site.is_registered(model):
        return False
    admin = site.get_model_admin(model)
    may = admin.has_delete_permission
    return not isinstance(admin, GoesAlong) and not all(may(request, row) for row in rows)


def named(row, site):
    """Return what a row is and is called, with a link to its page where it has one."""
    meta = row._meta
    kind = capitalised(meta.verbose_name)
    try:
        address = reverse(
            f"{site.name}:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)]
        )
    except NoReverseMatch:
        return f"{kind}: {row}"
    return format_html('{}: <a href="{}">{}</a>', kind, address, row)
