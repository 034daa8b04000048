"""Which names of templates and static files a theme may take, and which stay ours."""

from pathlib import Path

from django.conf import settings

# Pages of these are ours whole, down to their frame: the admin and signing in, what is said where
# something failed, and mails that let somebody in or decide.
OURS = ("admin/", "registration/", "django/")
OURS_ALONE = frozenset(
    f"{name}.html" for name in ("400", "500", "503", "refused", "given_back", "_sent")
) | {
    f"mail/{name}.{kind}"
    for name in ("invitation", "new_password", "moderator", "digest")
    for kind in ("html", "txt")
}
# These are ours too, and stand in the theme's frame: they fit what views and scripts expect.
PREVIEW = "admin/posts/desk/preview.html"
IN_ITS_FRAME = (
    *("comments/mail/", "comments/_checks.html", "posts/shared.html"),
    *("comments/draft_note", "comments/_draft_note"),
)
# Folders of static files that are ours alone; of others, names that ours have.
ADMIN_FILES = ("admin/", *(f"js/{name}/" for name in ("admin", "desk", "staff", "vendor")))
# The one stylesheet of readers' pages, and folders of what it is joined from.
STYLESHEET = "css/site.css"
OF_READERS = ("css/components/", "css/utilities/")
READERS_FILES = frozenset({STYLESHEET, "css/reset.css", "css/theme.css", "css/elements.css"}) | {
    "favicon.svg"
}


def is_ours_alone(name: str) -> bool:
    """Whether a page is made of our templates alone."""
    return name in OURS_ALONE or (name.startswith(OURS) and name != PREVIEW)


def may_replace(name: str) -> bool:
    """Whether a theme's template of this name is read."""
    return not (name in OURS_ALONE or name.startswith((*OURS, *IN_ITS_FRAME)))


def may_serve(name: str) -> bool:
    """Whether a theme's static file of this name is: one of readers' pages, or a new one."""
    if name.startswith(OF_READERS) or name in READERS_FILES:
        return True
    return not name.startswith(ADMIN_FILES) and not our_static(name).exists()


def is_joined(name: str) -> bool:
    """Whether pages have a stylesheet inlined."""
    return name in READERS_FILES or name.startswith(OF_READERS)


def our_static(name: str) -> Path:
    return Path(settings.BASE_DIR, "static", name)
