"""What each group may do: every address of the admin, asked by a person of each.

A new address fails here until ROLES says whose it is: O for owners, E for editors, A for authors,
M for moderators, n for staff in no group. What there is of each kind is somebody else's.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.template.response import SimpleTemplateResponse
from django.test import Client
from test_private_by_default import addresses  # noqa: F401 - a fixture

from blog.accounts.models import Attempt
from blog.accounts.roles import SENTENCES
from blog.posts.models import Image, Recording
from blog.site.models import SiteVersion
from comments.models import BlockRule, Comment, Mail, ModerationEvent

pytestmark = pytest.mark.django_db

# Who may look at an address, and who may send something to it.
ROLES = {
    ("OEAMn", "OEAMn"): """
        set_up_second_step take_away_second_step index password_change
        comments_mailchoice_changelist
    """,
    ("OEAMn", ""): """
        password_change_done jsi18n
    """,
    ("", ""): """
        posts_post_begin autocomplete view_on_site site_siteversion_add site_siteversion_history
        site_siteversion_delete site_siteversion_change posts_recording_add posts_post_bring_back
        posts_post_upload comments_moderationevent_add comments_moderationevent_delete
        comments_mailchoice_add comments_mailchoice_history comments_mailchoice_delete
        comments_mailchoice_change comments_mail_add comments_mail_delete comments_comment_undo
        comments_comment_delete jobs_job_add jobs_job_history jobs_job_delete jobs_job_change
        auth_group_add auth_group_delete accounts_attempt_add accounts_attempt_delete
    """,
    ("O", "O"): """
        site_siteversion_changelist site_siteversion_try comments_mail_changelist
        comments_mail_history
        comments_comment_add jobs_job_changelist auth_user_password_change auth_user_changelist
        auth_user_add auth_user_history auth_user_delete auth_user_change auth_group_changelist
        auth_group_history accounts_attempt_changelist accounts_attempt_history
    """,
    ("OEA", "OEA"): """
        posts_image_changelist posts_image_add posts_image_history posts_recording_changelist
        posts_recording_history posts_post_preview posts_post_changelist posts_post_add
        posts_tag_changelist posts_tag_history app_list
    """,
    ("OE", "OE"): """
        posts_image_delete posts_recording_delete posts_post_delete posts_post_change
        posts_tag_add posts_tag_delete
    """,
    ("OEA", "OE"): """
        posts_image_change posts_recording_change posts_tag_change
    """,
    ("OE", ""): """
        posts_post_history
    """,
    ("", "OEA"): """
        posts_post_paste posts_post_picture posts_post_upload_new posts_post_known_new
        posts_post_autosave_new
    """,
    ("OEA", ""): """
        posts_post_links posts_post_card
    """,
    ("", "OE"): """
        posts_post_known posts_post_presence posts_post_autosave
    """,
    ("OM", ""): """
        comments_blockrule_propose comments_moderationevent_change
    """,
    ("OM", "OM"): """
        comments_blockrule_changelist comments_blockrule_add comments_blockrule_history
        comments_blockrule_delete comments_blockrule_change comments_moderationevent_changelist
        comments_moderationevent_history comments_comment_history comments_comment_change
    """,
    ("O", ""): """
        site_siteversion_act
        comments_mail_change auth_group_change accounts_attempt_change
    """,
    ("OEAM", "OEAM"): """
        comments_comment_changelist
    """,
}

# Refused, not found, or sent away because there is no such row for them.
CLOSED = {302, 403, 404, 405}


@pytest.fixture
def people(db):
    """A browser of a person in each group, and of one in none, by the first letter."""
    made = {}
    for name in (*SENTENCES, "nobody"):
        user = get_user_model().objects.create_user(name.lower(), is_staff=True)
        if name in SENTENCES:
            user.groups.add(Group.objects.get(name=name))
        made[name[0]] = Client(raise_request_exception=False)
        made[name[0]].force_login(user)
    return made


@pytest.fixture
def rows(addresses):  # noqa: F811
    """Something of everything that the admin lists."""
    comment = Comment.objects.get()
    author = comment.post.author
    SiteVersion.objects.create(pk=1)
    Image.objects.create(pk=1, file="a.png", width=1, height=1, uploaded_by=author)
    Recording.objects.create(pk=1, file="a.mp3", title="Rain", bytes=1)
    BlockRule.objects.create(pk=1, kind="words", pattern="casino", created_by=author)
    ModerationEvent.objects.create(
        pk=1, comment=comment, action="approve", before="pending", after="approved"
    )
    Mail.objects.create(pk=1, kind="confirm", to="a@example.org", about="1")
    Attempt.objects.create(pk=1, name="ines", key="x")
    post = comment.post
    # PostgreSQL goes on counting where other tests stopped.
    numbers = {"post": post.pk, "comment": comment.pk, "tag": post.tags.get().pk}
    numbers |= {"user": author.pk, "group": Group.objects.first().pk}
    found = {f"/{name}/1/": f"/{name}/{number}/" for name, number in numbers.items()}
    return found | {"/do/x/": "/do/remove-demo/", "/begin/x/": "/begin/imprint/"}


# Everybody's own, or no page of the admin's.
LEFT_OUT = {"login", "logout", "let_in", "second_step", "(?P<url>.*)$", "<path:object_id>/"}


@pytest.fixture
def _only_answers(monkeypatch):
    """Draw no page: who is let in is decided before."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


def is_open(client, method, path):
    response = getattr(client, method)(path)
    if response.streaming:
        b"".join(response)
    return response.status_code not in CLOSED


OTHERS = pytest.mark.long("authors are those who may do some of it; the others take 15 s")


@pytest.mark.parametrize("letter", ["A", *(pytest.param(each, marks=OTHERS) for each in "OEMn")])
@pytest.mark.usefixtures("_only_answers")
def test_each_address_is_open_to_its_groups(addresses, rows, people, letter):  # noqa: F811
    found, wanted = {}, {}
    expected = {name: open_to for open_to, names in ROLES.items() for name in names.split()}
    for path, name in addresses:
        if path.startswith("/admin/") and name not in LEFT_OUT:
            for shown, there in rows.items():
                path = path.replace(shown, there)
            found[name] = [is_open(people[letter], method, path) for method in ("get", "post")]
            wanted[name] = [letter in letters for letters in expected.get(name, ("?", "?"))]
    assert found == wanted
    assert found.keys() == expected.keys()


@pytest.fixture
def anna(people):
    return get_user_model().objects.get(username="authors")


def test_authors_go_on_with_their_own_alone(people, anna, write):
    own, other = write("Mine", author=anna, published_at=None), write("Not mine")
    page = people["A"].get("/admin/posts/post/").text
    assert "Mine" in page
    assert "Not mine" not in page
    assert people["A"].get(f"/admin/posts/post/{own.pk}/change/").status_code == 200
    assert people["A"].get(own.get_absolute_url()).status_code == 200
    chosen = {"action": "withdraw", "_selected_action": [own.pk, other.pk]}
    people["A"].post("/admin/posts/post/", chosen)
    other.refresh_from_db()
    assert other.is_public


def test_authors_judge_comments_on_their_own_alone(people, anna, write, say):
    say(write("Mine", author=anna), "Under mine.", status="pending")
    say(write("Not mine"), "Under others.", status="pending")
    page = people["A"].get("/admin/comments/comment/").text
    assert "Under mine." in page
    assert "Under others." not in page


def test_owners_make_nobody_a_superuser(people, anna, admin_user):
    where = f"/admin/auth/user/{anna.pk}/change/"
    assert 'name="is_superuser"' not in people["O"].get(where).text
    given = {"username": "authors", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    people["O"].post(where, given | dates)
    anna.refresh_from_db()
    assert not anna.is_superuser
    for act in ("change", "delete", "password"):
        answer = people["O"].get(f"/admin/auth/user/{admin_user.pk}/{act}/")
        assert answer.status_code in (302, 403, 404)


def test_each_group_says_what_it_is_for(people):
    page = people["O"].get("/admin/auth/group/").text
    assert all(str(sentence) in page for sentence in SENTENCES.values())
