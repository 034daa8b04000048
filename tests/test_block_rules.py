"""Block rules: comments that match are held, or filed as spam."""

import pytest
from django.core.exceptions import ValidationError

from comments.models import BlockRule, Comment
from comments.screening.rules import sentences

ADD = "/admin/comments/blockrule/add/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write, settings):
    settings.COMMENT_POLICY = "publish-all"
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    return write()


def rule(kind, pattern, outcome="pending"):
    made = BlockRule(kind=kind, pattern=pattern, outcome=outcome)
    made.full_clean()
    made.save()
    return made


def _payload(**changes):
    return {"kind": "words", "pattern": "casino", "outcome": "pending", "note": ""} | changes


@pytest.mark.parametrize(
    ("kind", "pattern", "said"),
    [
        ("words", "casino", {"body": "The best Casino!"}),
        ("words", "Online  CASINO", {"body": "an *online* casino,"}),
        ("words", "casino", {"name": "Casino Joe"}),
        ("words", "赌场", {"body": "最好的赌场在这里"}),
        ("email", "anna@example.org", {"email": "Anna@Example.org"}),
        ("email", "@example.org", {"email": "anyone@example.org"}),
        ("network", "127.0.0.1", {}),
        ("network", "127.0.0.0/8", {}),
        ("site", "spam.example", {"body": "See http://spam.example/x."}),
        ("site", "https://www.spam.example/page", {"body": "See shop.spam.example"}),
        ("site", "spam.example", {"url": "https://spam.example:8080"}),
        ("site", "bücher.example", {"url": "http://xn--bcher-kva.example/"}),
        ("site", "xn--bcher-kva.example", {"body": "http://bücher.example/"}),
        ("site", "straße.example", {"url": "http://xn--strae-oqa.example/"}),
    ],
)
def test_matching_comment_is_held_with_its_rule(send, post, kind, pattern, said):
    made = rule(kind, pattern)
    send(**said)
    comment = Comment.objects.get()
    assert comment.status == "pending"
    assert sentences(comment.reasons) == [f"Matches a rule to hold comments: {made.pattern}."]


@pytest.mark.parametrize(
    ("kind", "pattern", "said"),
    [
        ("words", "casino", {"body": "The casinos of old"}),
        ("words", "ass", {"body": "A class of its own"}),
        ("email", "@example.org", {"email": "anna@not-example.org"}),
        ("email", "anna@example.org", {"body": "anna@example.org is mine"}),
        ("network", "127.0.0.2", {}),
        ("network", "2001:db8::/32", {}),
        ("site", "spam.example", {"body": "notspam.example and spam.example.org"}),
        ("site", "spam.example", {"email": "me@spam.example"}),
    ],
)
def test_similar_words_do_not_match(send, post, kind, pattern, said):
    rule(kind, pattern)
    send(**said)
    assert Comment.objects.get().status == "approved"


def test_spam_rule_answers_like_any_comment(client, send, post):
    rule("words", "casino", "spam")
    assert send(body="A casino.").status_code == 303
    assert Comment.objects.get().reasons == ["blocked:casino"]
    assert "Waiting for a moderator." in client.get(post.get_absolute_url()).text


def test_a_change_meets_the_rules_too(client, send, settings, post):
    settings.COMMENT_POLICY = "hold-all"
    rule("words", "casino", "spam")
    send()
    number = Comment.objects.get().pk
    client.post(f"/comments/{number}/edit/", {"body": "A casino.", "name": "Lou"})
    assert Comment.objects.get().status == "spam"


@pytest.mark.parametrize(
    ("kind", "pattern", "words"),
    [
        ("words", " \u200b ", "Write the words to look for."),
        ("email", "anna@", "Write an address such as anna@example.org"),
        ("network", "10.0.0.0.1", "Write an address such as 192.0.2.7"),
        ("network", "0.0.0.0/0", "The widest network is a /8."),
        ("network", "::/0", "The widest network is a /16."),
        ("site", "localhost", "Write the name of a website"),
        ("site", "a b.example", "Write the name of a website"),
    ],
)
def test_invalid_pattern_is_explained(kind, pattern, words):
    with pytest.raises(ValidationError, match=words):
        BlockRule(kind=kind, pattern=pattern).full_clean()


def test_the_same_rule_stands_once():
    rule("site", "spam.example")
    with pytest.raises(ValidationError, match="already exists"):
        rule("site", "https://Spam.example/")


def test_rule_is_tried_on_old_comments_before_saving(admin_client, post, say):
    say(post, "A casino.", status="spam")
    text = admin_client.post(ADD, _payload(), follow=True).text
    assert "It was tried on the newest comments, and would have matched 1." in text
    assert BlockRule.objects.get().created_by.username == "admin"


def test_rule_matching_approved_comments_asks_to_confirm(admin_client, post, say):
    say(post, "A casino is where I met her.")
    text = admin_client.post(ADD, _payload()).text
    assert (
        "It would have matched 1 approved comment: Lou Barba: A casino is where I met her." in text
    )
    assert not BlockRule.objects.exists()
    admin_client.post(ADD, _payload(confirmed="on"))
    assert BlockRule.objects.exists()


def test_many_rules_cost_one_query(post, django_assert_num_queries):
    for number in range(30):
        rule("words", f"word {number}")
    comment = Comment(post=post, name="Lou", body="word 7, and word 21")
    with django_assert_num_queries(1):  # all rules
        assert [str(met) for met in BlockRule.objects.met_by(comment)] == ["word 7", "word 21"]


def test_a_comment_is_normalised_once_for_all_rules(post, monkeypatch):
    for number in range(5):
        rule("words", f"casino {number}")
    read = []

    def normalise(text):
        read.append(text)
        return text

    monkeypatch.setattr("comments.models.block_rule.normalise", normalise)
    BlockRule.objects.met_by(Comment(post=post, body="Once."))
    assert len(read) == 1
