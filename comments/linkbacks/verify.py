"""Verifies a linkback: fetches its source and adds, updates or removes the mention.

One look is one fetch, or one more for each spelling that was accepted before. Nothing is kept open
meanwhile, neither a transaction nor a reader's request. A worker that is killed loses nothing: the
job is another's after its lease, and a look that has an answer is not made again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from blog.lib.base_path import placed
from blog.markup.names import clean_name
from blog.net.addresses import Address
from blog.net.fetch import Busy, FetchError, fetch
from blog.posts.models import Post
from comments import tasks
from comments.linkbacks.ours import is_ours, leads_to, published_at, takes_linkbacks
from comments.linkbacks.placing import digest_of, naming, standing_of
from comments.linkbacks.protocols.pingback import NO_LINK, NO_SOURCE, NOT_A_TARGET, UPSTREAM
from comments.linkbacks.protocols.source import (
    MAX_AUTHOR,
    MAX_TITLE,
    Mention,
    NotRead,
    cut,
    read_source,
)
from comments.models import Comment, Linkback, Look
from comments.screening.assess import assess

# No page is older.
FIRST_PAGE = datetime(1991, 8, 6, tzinfo=UTC)
# A clock and a zone may be off by so much.
LATER = timedelta(days=1)

# When a source that failed is fetched again. After the last try a new linkback is rejected; one
# that was accepted before stays.
AGAIN = [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=11)]


class Seen(NamedTuple):
    """The result of a look: a mention, or a fault code of the pingback specification.

    `gone`: the link is certainly not there, so an earlier mention is removed.
    `passing`: another try may succeed.
    `wait`: seconds until the source may be fetched, because its machine was called too often.
    """

    mention: Mention | None = None
    fault: int | None = None
    gone: bool = False
    passing: bool = False
    wait: int = 0


@task()
def verify(number: int) -> None:
    """Fetch a source and record the result; later, if its machine was called too often."""
    looks = Look.objects.select_related("linkback__post__author", "linkback__comment")
    look = looks.filter(pk=number, ended_at=None).first()
    if look is None:
        return
    linkback = look.linkback
    if not takes_linkbacks(linkback.post):
        conclude(look, Seen(fault=NOT_A_TARGET), linkback.source)
        return
    source, seen = read(look)
    if seen.wait:
        look.postpone()
        verify.using(run_after=timezone.now() + timedelta(seconds=seen.wait)).enqueue(number)
    else:
        conclude(look, seen, source)


def read(look: Look) -> tuple[str, Seen]:
    """Return what the source says, and the spelling by which it says so.

    Spellings of one address, http and https or with a slash at the end, may lead to different
    pages, and anybody may send any. So one without a link says nothing against those that were
    accepted before: these are read, too, and each has to say that it is gone.
    """
    linkback = look.linkback
    accepted = linkback.accepted_as
    source, seen = "", Seen()
    for source in dict.fromkeys([look.source or linkback.source, *accepted]):
        if is_ours(source):
            look.begin()
            seen = read_own(linkback, source)
        else:
            seen = read_elsewhere(look, source)
        if seen.mention or seen.wait or (source in accepted and not seen.gone):
            break
    return source, seen


def read_elsewhere(look: Look, source: str) -> Seen:
    """Fetch the source and return the result: `gone` after 404, 410 or a page without the link."""
    linkback = look.linkback

    def admit(address: Address) -> int:
        wait: int = look.call(machine_of(address), settings.LINKBACK_RATE_PER_HOST)
        return wait

    try:
        response = fetch(source, admit=admit)
    except Busy as busy:
        return Seen(wait=busy.wait)
    except FetchError as error:
        if error.kind == "refused":
            return Seen(fault=NO_SOURCE)
        return Seen(fault=NO_SOURCE if error.kind == "unreachable" else UPSTREAM, passing=True)
    if response.status in (404, 410):
        return Seen(fault=NO_SOURCE, gone=True)
    if not 200 <= response.status < 300:
        return Seen(fault=UPSTREAM, passing=True)
    # A redirect to this site: the link found there would be our own.
    if is_ours(response.url):
        return Seen(fault=NO_LINK, gone=True)
    kind = response.headers.get("content-type")
    found = mention_on(linkback, response.text(), kind, response.url)
    # The link may be in the part that was not read.
    return found._replace(gone=found.gone and not response.truncated)


def machine_of(address: Address) -> str:
    """Return the name that calls to one machine are counted by: an IPv4 address or IPv6 /64."""
    if address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False))


def read_own(linkback: Linkback, source: str) -> Seen:
    """Return the result for a source that is our own essay, read from the database."""
    essay: Post | None = published_at(source)
    if essay is None:
        return Seen(fault=NO_SOURCE, gone=True)
    url = settings.SITE_URL + essay.get_absolute_url()
    found = mention_on(linkback, placed(essay.body_html), "text/html", url)
    if found.mention is None:
        return found
    title, author = cut(essay.title, MAX_TITLE), cut(essay.byline, MAX_AUTHOR)
    said = replace(found.mention, title=title, author=author, author_url=None, kind="mention")
    return Seen(replace(said, published=essay.published_at))


def mention_on(linkback: Linkback, text: str, content_type: str, url: str) -> Seen:
    by_pingback = linkback.protocol == Linkback.Protocol.PINGBACK
    there = leads_to(linkback.post)
    try:
        mention = read_source(
            text, content_type, url, linkback.target, there, hyperlinks_only=by_pingback
        )
    except NotRead:
        return Seen(fault=NO_LINK)
    return Seen(mention) if mention else Seen(fault=NO_LINK, gone=True)


def conclude(look: Look, found: Seen, source: str) -> None:
    """Record what a look came to, and bring the mention to it, all at once or not at all.

    `source` is the spelling of it that was read.
    """
    with transaction.atomic():
        linkback = Linkback.objects.select_for_update().get(pk=look.linkback_id)
        look.refresh_from_db()
        now = timezone.now()
        if overtaken(look, linkback, found, source):
            return
        states, fault = Linkback.State, found.fault
        before, state = linkback.state, linkback.state
        if found.mention:
            state = states.ACCEPTED
        elif found.gone and before in (states.ACCEPTED, states.GONE):
            state = states.GONE
        elif found.passing and look.failures < len(AGAIN):
            verify.using(run_after=now + AGAIN[look.failures]).enqueue(look.pk)
            look.failures += 1
            look.save(update_fields=["failures"])
            Linkback.objects.filter(pk=linkback.pk).update(fault=fault)
            return
        elif before == states.PENDING:
            state = states.REJECTED
        linkback.state, linkback.fault = state, fault
        if found.mention:
            linkback.source, down = source, before == states.GONE
            linkback.comment = brought_up_to(linkback, found.mention, look, down=down)
        elif state == states.GONE and linkback.comment:
            take_down(linkback.comment)
        linkback.save()
        # Older ones that wait to try again have their answer, too.
        same = linkback.looks.filter(source=look.source)
        answered = same.filter(ended_at=None, began_at__lte=look.began_at or now)
        (answered | linkback.looks.filter(pk=look.pk)).update(ended_at=now)


def overtaken(look: Look, linkback: Linkback, found: Seen, source: str) -> bool:
    """Return whether another look has a newer result; then end this one or repeat it.

    A newer look is one that began later for the same spelling. If another spelling was accepted
    meanwhile, it must be read too before this look may say that the link is gone.
    """
    now = timezone.now()
    later = linkback.looks.filter(began_at__gt=look.began_at or now, ended_at__isnull=False)
    if look.ended_at or later.filter(source=look.source).exists():
        linkback.looks.filter(pk=look.pk, ended_at=None).update(ended_at=now)
        return True
    if found.mention or not linkback.accepted_as or source in linkback.accepted_as:
        return False
    look.postpone()
    verify.enqueue(look.pk)
    return True


def brought_up_to(linkback: Linkback, mention: Mention, look: Look, *, down: bool) -> Comment:
    """Return the mention, created or updated from its source; `down` if we had removed it.

    An approved mention is screened again if its words changed. One that a moderator put into the
    trash stays there.
    """
    said = {
        "title": mention.title,
        "name": clean_name(mention.author),
        "url": mention.author_url or "",
        "body": mention.excerpt,
        "reaction": "" if mention.kind == "mention" else mention.kind,
    }
    links = naming(mention.links, linkback.target)
    if comment := existing(linkback):
        return updated(linkback, comment, mention, said, links, down=down)
    comment = Comment(
        post=linkback.post,
        kind=linkback.protocol,
        source=linkback.source,
        address=look.address,
        network=look.network,
        published_at=own_date(mention),
        **said,
    )
    set_beside(linkback, comment, links)
    comment.status, comment.reasons = judged(linkback, comment)
    comment.save()
    if not is_ours(linkback.source):
        tasks.received(comment)
    return comment


def updated(
    linkback: Linkback,
    comment: Comment,
    mention: Mention,
    said: dict[str, str],
    links: tuple[str, ...],
    *,
    down: bool,
) -> Comment:
    """Bring a stored mention up to what its source says now, and return it."""
    back = down and comment.status == Comment.Status.TRASH
    changed = any(getattr(comment, name) != words for name, words in said.items())
    if digest_of(links) != linkback.named and not comment.was_moved_by_hand:
        changed = set_beside(linkback, comment, links) or changed
    if comment.published_at != own_date(mention):
        comment.published_at = own_date(mention)
        comment.save(update_fields=["published_at"])
    if not back and (not changed or comment.status == Comment.Status.TRASH):
        return comment
    # Edit first, so that the decision is recorded for the new words.
    comment.edit(why=_("The source was changed."), **said)
    status, comment.reasons = judged(linkback, comment)
    comment.save(update_fields=["score", "weighed", "reasons"])
    if back:
        comment.judge(status, why=_("The source links here again."))
    elif comment.stricter(status) != comment.status:
        comment.judge(status, why=_("The source was changed."))
    return comment


def set_beside(linkback: Linkback, comment: Comment, links: tuple[str, ...]) -> bool:
    """Set a mention where its source's links say; return whether that moved a stored one."""
    place = standing_of(linkback.post, links)
    linkback.named = place.digest
    if comment.pk is None:
        comment.stand(place.selector, parent=place.parent, also=place.also)
        return False
    why = _("The source was changed.")
    event = comment.move(place.selector, why=why, parent=place.parent, also=place.also)
    return event is not None


def own_date(mention: Mention) -> datetime | None:
    """Return when a source says that it was published, unless nobody can have written it then."""
    date = mention.published
    return date if date and FIRST_PAGE <= date <= timezone.now() + LATER else None


def existing(linkback: Linkback) -> Comment | None:
    """Return the mention of this link if there is one; it may have been imported."""
    comments = Comment.objects.select_for_update(of=("self",)).select_related("post__author")
    if linkback.comment_id:
        return comments.filter(pk=linkback.comment_id).first()
    plain = linkback.source.partition("://")[2].rstrip("/")
    spellings = [f"{scheme}://{plain}{end}" for scheme in ("http", "https") for end in ("", "/")]
    return comments.filter(post=linkback.post, source__in=spellings, linkback=None).first()


def judged(linkback: Linkback, comment: Comment) -> tuple[str, list[str]]:
    """Return a mention's status and reasons, by the same rules as for comments."""
    others = Linkback.objects.filter(host=linkback.host).exclude(pk=linkback.pk)
    approved = others.filter(
        comment__status=Comment.Status.APPROVED, comment__judged_at__isnull=False
    )
    outcome: tuple[str, list[str]] = assess(
        comment, known=approved.exists(), staff=is_ours(linkback.source)
    )
    return outcome


def take_down(comment: Comment) -> None:
    """Put a mention whose link is gone into the trash; spam stays spam."""
    if comment.status in (Comment.Status.APPROVED, Comment.Status.PENDING):
        # `seen` leaves it alone if a moderator decides about it at the same moment.
        comment.trash(why=_("The source no longer links here."), seen=comment.status)
