"""What the admin lets nobody change by hand."""


class ReadOnly:
    """An admin, or an inline of one, whose rows are written by the site alone."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class GoesAlong(ReadOnly):
    """One whose rows belong to others, and go along unnamed when those are deleted."""


# Who has it runs the site; superusers do.
RUNS_SITE = "site.run_site"


class ForOwners(ReadOnly):
    """One that only those look at who run the site."""

    def has_module_permission(self, request):
        return request.user.has_perm(RUNS_SITE)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(RUNS_SITE)
