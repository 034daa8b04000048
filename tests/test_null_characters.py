"""A NUL in any part of an address is answered cleanly, on PostgreSQL too, which stores none."""

import pytest
from linkbacks import at, mention, ping

from comments.linkbacks import receive

PLACES = [
    "/%00", "/a%00b/", "/2026/11/a%00/", "/2026/11/on-margins%00/comments/2/", "/tags/a%00/",
    "/tags/a%00/feed.xml", "/webmention/%00/", "/comments/mail/judge/%00/", "/media/%00.jpg",
    "/search/?q=%00", "/search/?q=a%00b", "/search/?page=%00", "/?page=%00", "/?p=%00",
    "/?attachment_id=%00", "/?cat=%00", "/?tag=a%00", "/?author=%00", "/?m=%00", "/?feed=%00",
    "/?s=%00",
    "/archive/%00/", "/comments/mail/stop/a%00:b/",
]  # fmt: skip
QUERIES = ["q", "from", "created_at__year"]


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_null_in_an_address_is_not_a_server_error(client, write, place):
    write()
    assert client.get(place).status_code < 500


@pytest.mark.django_db
def test_null_in_an_admin_address_is_not_a_server_error(admin_client, write):
    write()
    for path in ("posts/post", "comments/comment"):
        for query in QUERIES:
            answer = admin_client.get(f"/admin/{path}/?{query}=%00")
            assert answer.status_code < 500, (path, query)
        assert admin_client.get(f"/admin/{path}/%00/change/").status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("send", [ping, mention])
@pytest.mark.parametrize("odd", ["{}%00", "{}%00/", "{}?ref=%00", "{}\x00", "{}#%00"])
def test_null_in_a_linkback_is_refused_or_taken(client, write, monkeypatch, send, odd):
    monkeypatch.setattr(receive, "LONGEST_WAIT", 0)  # sources are not verified here
    post = write()
    source, target = "http://a.example/", at(post)
    for pair in ((source, odd.format(target)), (odd.format(source), target)):
        try:
            answer = send(client, *pair)
        except AssertionError:
            pytest.fail(f"{pair} is a fault of ours")
        if send is mention:
            assert answer.status_code in (201, 400)


@pytest.mark.django_db
def test_null_in_the_path_of_a_target_is_refused(client, write):
    post = write()
    assert mention(client, "http://a.example/", f"{at(post)}%00").status_code == 400
    assert ping(client, "http://a.example/", f"{at(post)}%00") in (32, 33)
