"""What the admin lets nobody change by hand."""


class ReadOnly:
    """An admin, or an inline of one, whose rows are written by the site alone."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ForSuperusers(ReadOnly):
    """One that only superusers look at."""

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser
