"""Reading what was said, and saying something: no account, no script, nothing lost."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.lib.rates import network_of
from blog.markup import render_comment
from blog.posts.models import Post
from blog.web.cache_control import same_for_all
from blog.web.returned import from_another_site

from . import proof, tasks
from .forms import CommentForm
from .models import BY_WRITER, BlockRule, Comment, RateEvent, ThreadPage, TooLate
from .pages import place_of, show_thread
from .screening import Submission, screen
from .too_late import answers_too_late


@require_safe
@same_for_all
def thread(request, path, number):
    """Show page `number` of the thread under the post at `path`; its first page is the essay's."""
    if not (number := int(number)):
        raise Http404
    post = get_object_or_404(Post.objects.published().select_related("author"), path=path)
    if number == 1:
        return HttpResponsePermanentRedirect(f"{post.get_absolute_url()}#comments")
    pages = ThreadPage.objects.shown(post, number)
    if number not in pages:
        raise Http404
    return show_thread(request, post, number, thread_pages=pages)


@require_safe
def comment(request, number):
    """Lead to where a comment stands, on whichever page of its thread that is."""
    return HttpResponseRedirect(place_of(shown_or_404(number)))


@require_safe
def reply(request, number):
    """Show the page a comment stands on, with the form right under it."""
    found = approved_or_404(number)
    if not found.post.takes_comments:
        return HttpResponseRedirect(place_of(found))
    form = CommentForm(post=found.post, initial=proof.remembered(request) | {"parent": found.pk})
    return show_thread(request, found.post, found.thread_page, comment_form=form, reply_to=found)


@csrf_exempt  # readers get no cookie; see refused_origin
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, path):
    """Take a comment: check, screen, store once, and lead its writer to it."""
    post = get_object_or_404(Post.objects.published().select_related("author"), path=path)
    if request.method != "POST":
        return HttpResponseRedirect(f"{post.get_absolute_url()}#form")
    address = request.META.get("REMOTE_ADDR", "")
    wait = RateEvent.objects.wait_to_check(address)
    form = CommentForm(request.POST, post=post, too_soon=bool(wait))
    valid = form.is_valid()
    parent = form.cleaned_data.get("parent")

    def again(status, **context):
        page = parent.thread_page if parent else 1
        context |= {"comment_form": form, "reply_to": parent}
        return show_thread(request, post, page, status=status, **context)

    if wait:
        return come_later(again, wait)
    if refused_origin(request):
        return again(403, refused="origin")
    if not post.takes_comments:
        parent = None
        return again(403, refused="closed")
    if not valid:
        return again(400, refused="errors")
    age = proof.token_age(form.cleaned_data["token"], post)
    if age is None or age > proof.LONGEST:
        return again(400, refused="expired")
    if "preview" in request.POST:
        return again(200, preview=render_comment(form.cleaned_data["body"]))

    new = new_comment(request, post, form)
    if same := new.said_before(proof.written_here(request)):
        return said_before(request, same, again)
    if wait := RateEvent.objects.take(RateEvent.Kind.COMMENT, address):
        return come_later(again, wait)
    new.find_look_alike(proof.browser_of(request))
    new.weigh()
    new.status, new.reasons = screen(submission(request, new, form))
    try:
        with transaction.atomic():
            new.save()
            tasks.received(new, notify=form.cleaned_data["notify"])
    except IntegrityError:
        # The same words came twice at once; the database kept one of them.
        if (same := new.said_before()) is None:
            raise
        return said_before(request, same, again)
    # A new one that waits has no line in the thread yet.
    place = place_of(new, page=None if new.is_approved else 1)
    response = HttpResponseRedirect(place, status=303)
    proof.remember(request, response, new)
    proof.keep_name(request, response, form.cleaned_data)
    return response


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
@answers_too_late
def edit(request, number):
    """Mend one's own waiting comment within ten minutes; it is screened as a new one is."""
    found = own_waiting(request, number)
    post = found.post
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in BY_WRITER}
        form = CommentForm(post=post, initial=initial | {"parent": found.parent_id})
        return show_thread(request, post, 1, comment_form=form, editing=found)
    address = request.META.get("REMOTE_ADDR", "")
    wait = RateEvent.objects.wait_to_check(address)
    form = CommentForm(request.POST, post=post, too_soon=bool(wait))

    def again(status, **context):
        return show_thread(
            request, post, 1, status=status, comment_form=form, editing=found, **context
        )

    if wait:
        return come_later(again, wait)
    if not form.is_valid():
        return again(400, refused="errors")
    if refused_origin(request):
        return again(403, refused="origin")
    if not found.can_be_edited:
        return again(403, refused="late")
    if "preview" in request.POST:
        return again(200, preview=render_comment(form.cleaned_data["body"]))
    for name in BY_WRITER:
        setattr(found, name, form.cleaned_data[name])
    found.set_fingerprint(proof.browser_of(request))
    if same := found.said_before(proof.written_here(request)):
        return said_before(request, same, again)
    if wait := RateEvent.objects.take(RateEvent.Kind.COMMENT, address):
        return come_later(again, wait)
    found.find_look_alike(proof.browser_of(request))
    found.weigh()
    status, reasons = screen(submission(request, found, form))
    try:
        found.correct(status, reasons)
    except IntegrityError:
        if (same := found.said_before()) is None:
            raise
        return said_before(request, same, again)
    return HttpResponseRedirect(place_of(found), status=303)


@csrf_exempt  # the signed cookie is SameSite=Lax, so another site's form does not carry it
@require_http_methods(["GET", "HEAD", "POST"])
@answers_too_late
def withdraw(request, number):
    """Take one's own waiting comment back, after a page with one button."""
    found = own_waiting(request, number)
    if request.method != "POST" or refused_origin(request):
        return render(request, "comments/withdraw.html", {"comment": found, "nav": "essays"})
    found.withdraw()
    return HttpResponseRedirect(f"{found.post.get_absolute_url()}#comments", status=303)


def come_later(again, wait):
    """Give the words back with how many seconds to wait."""
    response = again(429, refused="rate", wait=wait)
    response.headers["Retry-After"] = str(wait)
    return response


def refused_origin(request):
    """Return whether the form was sent from another site.

    Stands in for the CSRF cookie, which would mark every reader: browsers say where a form came
    from in Sec-Fetch-Site or Origin, and no page can forge either. Whoever is signed in has a
    session to protect, so there Django's own check applies.
    """
    if proof.signed_in(request):
        return CsrfViewMiddleware(render).process_view(request, None, (), {}) is not None
    return from_another_site(request)


def new_comment(request, post, form):
    """Return the comment the form describes, not yet screened or stored."""
    given = form.cleaned_data
    address = request.META.get("REMOTE_ADDR", "")
    new = Comment(post=post, **{name: given[name] for name in ("parent", "name", "email", "url")})
    new.body = given["body"]
    new.network = network_of(address)
    new.address = address if new.network else None
    new.browser = proof.browser_of(request) or proof.new_browser()
    if proof.signed_in(request):
        new.author = request.user
    new.set_fingerprint(proof.browser_of(request))
    return new


def submission(request, new, form):
    staff = proof.signed_in(request) and request.user.has_perm("comments.change_comment")
    return Submission(
        comment=new,
        trap=form.cleaned_data["subject"],
        blocks=BlockRule.objects.met_by(new),
        known=proof.is_known(request),
        staff=staff,
    )


def said_before(request, same, again):
    """Tell someone who said the same again, keep the words in the form, and count it."""
    Comment.objects.filter(pk=same.pk).update(repeats=F("repeats") + 1)
    # Spam and honest comments get the same answer; only its writer gets a link to one that waits.
    seen = same.is_approved or same.pk in proof.written_here(request)
    mine = place_of(same) if seen else ""
    since = timezone.localtime(same.created_at)
    return again(409, refused="said", since=since, mine=mine, published=same.is_approved)


def approved_or_404(number):
    return public_or_404(Comment.objects.approved(), number)


def shown_or_404(number):
    """Return a comment that readers see, if only as a line that says it was removed."""
    found = public_or_404(Comment.objects.all(), number)
    if not (found.is_approved or ThreadPage.objects.has_line(found)):
        raise Http404
    return found


def public_or_404(comments, number):
    comments = comments.written().filter(post__in=Post.objects.published())
    return get_object_or_404(comments.select_related("post__author"), pk=number)


def own_waiting(request, number):
    """Return this browser's own comment while it waits; raises TooLate else."""
    if number not in proof.written_here(request):
        raise TooLate
    comments = Comment.objects.select_related("post__author", "parent")
    found = comments.filter(pk=number).first()
    if not (found and found.status in Comment.SHOWN_AS_WAITING and found.post.is_public):
        raise TooLate(found)
    return found
