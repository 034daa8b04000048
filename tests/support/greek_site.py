"""A small site with one of everything, on which all that people wrote and are called is Greek.

So words in Latin letters are the site's own, in whatever language it is.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from whole_site import picture

from blog.accounts.letters import invitation, new_password
from blog.accounts.models import Attempt, Invitation, Passkey, RecoveryCode
from blog.jobs.models import Job
from blog.jobs.tasks import run_command
from blog.posts.models import Image, Post, Profile, Recording, Revision, SharedDraft, Tag, Text
from comments.browser import make_token
from comments.mail.letters import compose
from comments.models import (
    BlockRule,
    Comment,
    DraftNote,
    LinkedPage,
    Mail,
    MailAddress,
    Subscription,
)

BODY = """Το περιθώριο είναι ο τόπος όπου το βιβλίο απαντά.[^1]

# Ένα μέρος

Εδώ *γράφουμε* δίπλα στις λέξεις, με `κώδικα` και [έναν σύνδεσμο](/σχετικά/).

> Όποιος γράφει στο περιθώριο απαντά.

[^1]: Μια σημείωση στο περιθώριο.
"""
WORDS = "Συμφωνώ με αυτό που λέτε για το περιθώριο."


def staff():
    """Return the owner of the site, and somebody who writes on it as well."""
    users = get_user_model().objects
    owner = users.create_superuser("ιδα", "ida@localhost", first_name="Ίδα", last_name="Μάρκου")
    return owner, users.create_user("ζωη", first_name="Ζωή", is_staff=True)


def essays(author, other):
    """Make essays in each state, and return the one that most is about."""
    ago = timezone.now() - timedelta(days=40)
    given = {"author": author, "published_at": ago, "body": "Λίγες λέξεις."}
    essay = Post(**given | {"title": "Χώρος στο περιθώριο", "slug": "χώρος", "body": BODY})
    essay.standfirst = "Λίγα λόγια για τις σημειώσεις."
    essay.save()
    essay.tags.add(*Tag.objects.named(["Βιβλία", "Γραφή"]))
    for changes in (
        {"title": "Σχετικά", "kind": "page"},
        {"title": "Κλειστά", "slug": "κλειστά", "comments_open": False, "author": other},
        {"title": "Χαμένο", "slug": "χαμένο", "withdrawn_at": ago},
        {"title": "Αύριο", "published_at": timezone.now() + timedelta(days=3)},
        {"title": "Πρόχειρο", "published_at": None},
    ):
        Post(**given | changes).save()
    text = Text.of(essay)._replace(body=BODY + "\n\nΑκόμη λίγα λόγια.")
    Revision.objects.keep(essay, text, by=author, kind="saved")
    return essay


def comments(essay, author):
    """Make a thread, comments in each state, and decisions about them."""

    def say(body=WORDS, **changes):
        comment = Comment(**{"post": essay, "name": "Λούκας", "body": body} | changes)
        comment.save()
        return comment

    approved = {"status": "approved", "judged_at": timezone.now()}
    first = say(url="https://λούκας.gr/", **approved)
    second = say("Κι εγώ.", name="Άννα", parent=first, **approved)
    say("Ευχαριστώ.", name="Ίδα", author=author, parent=second, edited=True, **approved)
    say("Μια λέξη.", passage="το βιβλίο απαντά", **approved)
    gone = say("Όχι.", name="Νίκος", **approved)
    say("Γιατί;", name="Εύα", parent=gone, **approved)
    gone.trash(by=author)
    elsewhere = {"kind": "webmention", "title": "Αλλού", "name": "Ζωή", **approved}
    for reaction in ("reply", "like", "repost", "bookmark"):
        source = f"https://αλλού.gr/{reaction}"
        say("Ωραίο." if reaction == "reply" else "", source=source, reaction=reaction, **elsewhere)
    say("", kind="pingback", source="https://αλλού.gr/2", title="Πέρα", **approved)
    near = say("Αγοράστε κάτι φτηνό.", name="Πωλητής", status="spam")
    reasons = ["links", "near", "first-comment", "filter", "hold-all", "reserved-name:Ίδα"]
    waiting = {"status": "pending", "email": "lukas@localhost"}
    say("Αγοράστε κάτι φτηνό!", look_alike=near, likeness=90, reasons=reasons, **waiting)
    say("Περιμένω.", name="Σοφία", passage="Ένα μέρος", reasons=["first-comment"], **waiting)
    say("", kind="webmention", source="https://αλλού.gr/3", reasons=["first-mention"], **waiting)
    say("Κακό.", name="Πέτρος", status="pending").mark_spam(by=author, why="Όχι.")
    return first


def beside_them(essay, author):
    """Make what else the admin has pages of."""
    draft = Post.objects.get(title="Πρόχειρο")
    text = Text(title="Πρόχειρο", standfirst="Γιατί.", tags=("Γραφή",))
    link = SharedDraft.objects.share(draft, text, "<p>Λέξεις.</p>", by=author)
    SharedDraft.objects.filter(pk=link.pk).update(token="shared", notes="all")
    past = timezone.now() - timedelta(days=1)
    SharedDraft(post=draft, token="revoked", expires_at=past, revoked_at=past).save()
    note = DraftNote(post=draft, name="Άννα", body="Γιατί;", passage="Λέξεις.")
    note.save()
    note.answer("Έτσι.", author)
    DraftNote(post=draft, name="Νίκος", body="Πού;", passage="Άλλες λέξεις.").save()
    Image.objects.create(
        file=picture("red"), alt="Κόκκινο", width=90, height=60, uploaded_by=author
    )
    Recording.objects.create(file=f"{'0' * 32}.mp3", title="Βροχή", bytes=12345)
    for kind, pattern in (("words", "φτηνό"), ("network", "192.0.2.0/24")):
        BlockRule.objects.create(kind=kind, pattern=pattern, note="Γι’ αυτό.", created_by=author)
    for state in LinkedPage.State:
        target = f"https://{state}.gr/"
        page = LinkedPage(post=essay, key=target, target=target, source=target, state=state)
        page.due_at = timezone.now()
        page.save()
    run_command.enqueue("clearsessions")
    Job.objects.all().update(status="FAILED", traceback="Σφάλμα", finished_at=timezone.now())
    for outcome in Attempt.Outcome:
        Attempt.objects.create(name="ιδα", key=outcome, outcome=outcome, network="192.0.2.0/24")
    Passkey.objects.create(user=author, host="localhost", name="Κλειδί", credential_id="AA")
    RecoveryCode.objects.renew(author)
    Profile.objects.create(user=author, bio="*Γράφω*.")


def furnish():
    """Make all of it, and return the owner and the essay."""
    author, other = staff()
    essay = essays(author, other)
    comments(essay, author)
    beside_them(essay, author)
    return author, essay


# --- What it sends and shows ------------------------------------------------------------------


def mails(owner, essay):
    """Return one mail of each kind."""
    waiting = Comment.objects.pending().exclude(email="").first()
    asked = Comment.objects.approved().filter(parent=None, post=essay).first()
    answer = asked.replies.first()
    address = MailAddress.objects.create(email="lukas@localhost")
    Subscription.objects.create(address=address, comment=asked)
    make = Mail.objects.create
    letters = [compose(make(kind="confirm", to=address.email, about="1", comment=asked))]
    address.use_by("").confirm()
    for kind, comment in (("reply", answer), ("approved", asked)):
        letters.append(compose(make(kind=kind, to=address.email, about="2", comment=comment)))
    for kind, comment in (("moderator", waiting), ("digest", None)):
        mail = make(kind=kind, to=owner.email, about="3", comment=comment, user=owner)
        letters.append(compose(mail))
    invited = Invitation(by=owner, email="zoe@localhost")
    invited.save()
    invited.groups.set(Group.objects.all())
    return [*letters, invitation(invited), new_password(owner)]


def form_of(essay, **changes):
    """Return what the comment form sends."""
    given = {"body": "Κι εγώ συμφωνώ.", "name": "Ζωή", "email": "", "url": ""}
    return given | {"token": make_token(essay)} | changes


def readers_pages(essay):
    """Return what readers can ask for: an address, and a form that is sent there or None."""
    path = essay.get_absolute_url()
    asked = {
        "index": "/", "essay": path, "closed": Post.objects.get(slug="κλειστά").get_absolute_url(),
        "withdrawn": Post.objects.get(slug="χαμένο").get_absolute_url(), "archive": "/archive/",
        "year": f"{path[:6]}", "month": f"{path[:9]}", "tags": "/tags/", "tag": "/tags/βιβλία/",
        "author": f"/authors/{essay.author_id}/", "feeds": "/feeds/", "search": "/search/",
        "found": "/search/?q=περιθώριο", "nothing": "/search/?q=ζζζ", "page": "/σχετικά/",
        "404": "/nowhere/", "notes": f"{path}notes/", "hidden": f"{path}notes/hidden/",
        "webmention": "/webmention/", "shared": "/draft/shared/", "revoked": "/draft/revoked/",
        "draft note": "/draft/shared/notes/?exact=Λέξεις", "mail": "/comments/mail/judge/x/",
        "reply": f"/comments/{Comment.objects.approved().first().pk}/reply/",
    }  # fmt: skip
    sent = {
        "empty": form_of(essay, body="", name=""),
        "errors": form_of(essay, body="λ" * 5200, name="Ίδα", email="ζωή@", url="χ"),
        "preview": form_of(essay, preview="1"),
        "old": form_of(essay, token="x"),
    }
    return {name: (path, None) for name, path in asked.items()} | {
        name: (f"{path}comments/", given) for name, given in sent.items()
    }
