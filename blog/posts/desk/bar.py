"""What the bar says of an essay, and the verbs that fit its state (design: the desk's bar)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from blog.lib.listing import sentences
from blog.lib.moments import day_of_week
from blog.posts.models import Post, Revision
from blog.posts.models.states import BIN_DAYS

from .acts import Act
from .saying import bold, clock, with_markup
from .sharing import link_to

INK, OUTLINE, LINK = "ink", "outline", "link"
# Where the script puts what the reader's own clock shows.
CLOCK = mark_safe('<span class="where"></span>')


@dataclass
class Verb:
    """A button that sends the form with its act, or a link where it has an address."""

    label: str
    act: str = ""
    style: str = LINK
    href: str = ""


@dataclass
class Bar:
    """Sentences, the first one or its beginning in bold, and verbs. `ask` names its question."""

    said: str
    verbs: list[Verb] = field(default_factory=list)
    ask: str = ""
    mark: str = ""
    # A link to copy.
    link: str = ""
    # When readers get it; scripts say what the reader's own clock shows then.
    due: datetime | None = None
    # Whether somebody with a link can read it now.
    is_shared: bool = False

    @property
    def asks_time(self):
        return self.ask in ("schedule", "schedule-changes")


def moment(at, *, long=False):
    """Return a moment on the site's clocks, as the bar says it."""
    local = timezone.localtime(at)
    return _("%(day)s at %(time)s") % {
        "day": day_of_week(at) if long else date_format(local, "MONTH_DAY_FORMAT"),
        "time": clock(at),
    }


def bar_of(post, newest, ask=""):
    """Return the bar for an essay whose newest version this is; `post` may be unsaved.

    One query where it may be shared, one more where it is published.
    """
    link = link_to(post) if post.status in SHARED else None
    found = what_it_says(post, newest, ask, link)
    found.is_shared = bool(link and link.is_live)
    return found


def what_it_says(post, newest, ask, link):
    if ask == "share" and link and link.is_live:
        return shared(link)
    if question := QUESTIONS.get(ask):
        found = question(post, newest)
        if found:
            found.ask = ask
            return found
    if post.status == Post.Status.PUBLISHED:
        return changed(post, newest) if has_changes(post, newest) else published(post)
    return STATES[post.status](post, link)


def has_changes(post, newest):
    """Whether something is written of a published essay that readers do not have."""
    return newest is not None and post.differs_from(newest)


# --- States ---------------------------------------------------------------------------------


def draft(post, link):
    verbs = [
        Verb(_("Save draft"), Act.SAVE, OUTLINE),
        Verb(_("Publish now"), Act.ASK_PUBLISH, INK),
        Verb(_("Schedule…"), Act.ASK_SCHEDULE),
    ]
    verbs.append(share_verb(link))
    if post.pk:
        verbs += [history(post), Verb(_("Throw away…"), Act.ASK_THROW_AWAY)]
    state = pgettext("state of an essay or page", "Draft.")
    return Bar(in_bold(state, who_reads(link)), verbs)


def scheduled(post, link):
    return Bar(
        sentences(filter(None, [goes_out(post), what_link_does(link)])),
        [
            Verb(_("Save"), Act.SAVE, INK),
            Verb(_("Change the time…"), Act.ASK_SCHEDULE),
            Verb(_("Publish now"), Act.ASK_PUBLISH),
            share_verb(link),
            Verb(_("Back to draft"), Act.TO_DRAFT),
            history(post),
        ],
        due=post.published_at,
    )


def goes_out(post):
    """Return when, and the same with the reader's own clock, for the script to put in its place."""
    given = {"moment": moment(post.published_at, long=True), "zone": zone_name()}
    here = with_markup(_("<strong>Goes out on %(moment)s</strong> %(zone)s."), **given)
    both = with_markup(
        _("<strong>Goes out on %(moment)s</strong> %(zone)s, %(time)s where you are."),
        time=CLOCK,
        **given,
    )
    return format_html("<span data-here>{}</span><template>{}</template>", here, both)


def published(post):
    said = _("<strong>Published</strong> on %(moment)s.")
    return Bar(
        with_markup(said, moment=moment(post.published_at)),
        [
            Verb(_("Save"), Act.SAVE, OUTLINE),
            Verb(_("Publish changes"), Act.PUBLISH_CHANGES, INK),
            Verb(pgettext("an essay or page", "See it"), href=post.get_absolute_url()),
            Verb(_("Withdraw…"), Act.ASK_WITHDRAW),
            history(post),
        ],
    )


def changed(post, newest):
    due = Revision.objects.due(post).first()
    if due:
        newer = _("What you wrote since goes along once you save.")
        readers = _("Readers have the old text until then.")
        said = _("<strong>Your changes go out on %(moment)s.</strong>")
        said = with_markup(said, moment=moment(due.due_at, long=True))
        return Bar(
            sentences([said, readers, newer] if due.text != newest.text else [said, readers]),
            [
                Verb(_("Save"), Act.SAVE, INK),
                Verb(_("Change the time…"), Act.ASK_SCHEDULE_CHANGES),
                Verb(_("Publish changes"), Act.PUBLISH_CHANGES),
                history(post),
            ],
            mark="changed",
            due=due.due_at,
        )
    return Bar(
        bold(_("Your changes are saved. Readers still have the old text.")),
        [
            Verb(_("Publish changes"), Act.PUBLISH_CHANGES, INK),
            Verb(_("Save"), Act.SAVE, OUTLINE),
            Verb(_("Schedule them…"), Act.ASK_SCHEDULE_CHANGES),
            Verb(_("Drop them…"), Act.ASK_DROP),
            history(post),
        ],
        mark="changed",
    )


def withdrawn(post, link):
    return Bar(
        in_bold(
            pgettext("state of an essay or page", "Withdrawn."),
            _("Readers are told it is gone."),
        ),
        [
            Verb(_("Bring back"), Act.BRING_BACK, INK),
            Verb(_("Save"), Act.SAVE, OUTLINE),
            Verb(_("Back to draft"), Act.TO_DRAFT),
            history(post),
        ],
    )


def binned(post, link):
    until = timezone.localtime(post.binned_at + timedelta(days=BIN_DAYS))
    return Bar(
        with_markup(
            _("<strong>In the bin</strong> until %(day)s. Only you can read it."),
            day=date_format(until, "MONTH_DAY_FORMAT"),
        ),
        [Verb(pgettext("of the bin", "Take it out"), Act.TAKE_OUT, INK), history(post)],
    )


def shared(link):
    return Bar(
        sentences([until(link), said_of(link), _("Search engines are told to stay away.")]),
        [
            Verb(_("Back to writing"), Act.SAVE, INK),
            Verb(_("Show this version only"), Act.SHARE_VERSION)
            if link.follows
            else Verb(_("Show what I save"), Act.SHARE),
            Verb(_("Stop sharing"), Act.STOP_SHARING),
        ],
        link=link.address,
    )


def until(link):
    said = _("<strong>Anyone with this link can read it</strong> until %(day)s.")
    return with_markup(said, day=last_day_of(link))


def last_day_of(link):
    return date_format(timezone.localtime(link.expires_at), "MONTH_DAY_FORMAT")


def said_of(link):
    if link.follows:
        return _("They see what you last saved.")
    return _("They see the version you shared.")


def who_reads(link):
    """Return who can read a draft."""
    if link and link.is_live:
        return what_link_does(link)
    return sentences(filter(None, [what_link_does(link), _("Only you can read it.")]))


def what_link_does(link):
    """Return what the link to a draft shows now, "" without one or once it ended by itself."""
    if link and link.is_live:
        return _("Anyone with the link can read it until %(day)s.") % {"day": last_day_of(link)}
    return _("The link shows nothing now.") if link and link.revoked_at else ""


def share_verb(link):
    """Return the button that makes the link, or that shows the one there is as it is."""
    if link and link.is_live:
        return Verb(_("Its link"), Act.SHARE if link.follows else Act.SHARE_VERSION)
    return Verb(_("Share again") if link and link.revoked_at else _("Share draft"), Act.SHARE)


def history(post):
    return Verb(_("History"), href=reverse("admin:posts_post_history", args=[post.pk]))


def zone_name():
    """Return how the site's zone is called where its clocks are, such as “London time”."""
    zone = timezone.get_default_timezone_name()
    if "/" not in zone:
        return zone
    city = zone.rpartition("/")[2].replace("_", " ")
    return _("%(city)s time") % {"city": city}


STATES = {
    Post.Status.DRAFT: draft,
    Post.Status.SCHEDULED: scheduled,
    Post.Status.WITHDRAWN: withdrawn,
    Post.Status.BINNED: binned,
}

SHARED = {Post.Status.DRAFT, Post.Status.SCHEDULED}

# --- Questions ------------------------------------------------------------------------------


def ask_publish(post, newest):
    if post.is_public or post.status == Post.Status.BINNED:
        return None
    address = format_html("<bdi>/{}/</bdi>", post.path_in(timezone.now()))
    return Bar(
        in_bold(
            _("Publish for everyone to read?"), with_markup(_("At %(address)s"), address=address)
        ),
        [Verb(_("Publish"), Act.PUBLISH, INK), not_yet()],
    )


def ask_schedule(post, newest):
    if post.is_public or post.status == Post.Status.BINNED:
        return None
    return Bar(before_a_date(), [Verb(_("Schedule"), Act.SCHEDULE, INK), not_yet()])


def before_a_date():
    return bold(pgettext("before a date to fill in", "Goes out on"))


def ask_schedule_changes(post, newest):
    if not (post.is_public and has_changes(post, newest)):
        return None
    verbs = [Verb(_("Schedule"), Act.SCHEDULE_CHANGES, INK), not_yet()]
    if Revision.objects.due(post).first():
        verbs.insert(1, Verb(_("Do not send them out"), Act.UNSCHEDULE_CHANGES))
    return Bar(before_a_date(), verbs)


def ask_withdraw(post, newest):
    if not post.is_public:
        return None
    return Bar(
        in_bold(
            pgettext("an essay or page", "Withdraw it?"),
            _("Readers are told it is gone. You can bring it back."),
        ),
        [Verb(_("Withdraw"), Act.WITHDRAW, INK), not_yet()],
    )


def ask_drop(post, newest):
    if not has_changes(post, newest):
        return None
    return Bar(
        in_bold(
            _("Drop your changes?"),
            _("You go on from the text readers have. What you drop stays in History."),
        ),
        [Verb(_("Drop them"), Act.DROP, INK), not_yet()],
    )


def ask_throw_away(post, newest):
    if post.status != Post.Status.DRAFT or not post.pk:
        return None
    return Bar(
        in_bold(_("Throw this draft away?"), kept_in_bin()),
        [Verb(_("Throw away"), Act.THROW_AWAY, INK), not_yet()],
    )


def kept_in_bin():
    said = ngettext(
        "It stays in the bin for %(days)s day.", "It stays in the bin for %(days)s days.", BIN_DAYS
    )
    return said % {"days": BIN_DAYS}


def in_bold(said, rest):
    """Return a sentence in bold and the one after it."""
    return sentences([bold(said), rest])


def not_yet():
    return Verb(_("Not yet"), Act.SAVE)


QUESTIONS = {
    "publish": ask_publish,
    "schedule": ask_schedule,
    "schedule-changes": ask_schedule_changes,
    "withdraw": ask_withdraw,
    "drop": ask_drop,
    "throw-away": ask_throw_away,
}
