"""The list of pages beside each page of the admin."""

import re

import pytest
from django.contrib.auth.models import Group

pytestmark = pytest.mark.django_db


def sidebar(page):
    return page.partition('id="nav-sidebar"')[2].partition("</nav>")[0]


def test_it_has_the_words_and_rows_of_the_first_page(admin_client):
    page = sidebar(admin_client.get("/admin/auth/user/").text)
    rows = re.findall(r'class="section">([^<]+)<', page)
    assert rows == ["Essays", "Comments", "Site", "People", "Signing in", "Jobs"]
    links = [" ".join(words.split()) for words in re.findall(r"<a [^>]+>([^<]+)</a>", page)]
    assert {"People", "What each may do", "Name, menus and words", "Your password"} <= {*links}
    assert not {"Users", "Groups"} & {*links}
    assert re.findall(r'href="([^"]+)" aria-current', page) == ["/admin/auth/user/"]


def test_it_has_only_what_somebody_may_open(client, django_user_model):
    helper = django_user_model.objects.create_user("helper", is_staff=True)
    helper.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(helper)
    page = sidebar(client.get("/admin/comments/comment/").text)
    addresses = re.findall(r'href="([^"]+)"', page)
    assert "/admin/comments/blockrule/" in addresses
    assert "/admin/auth/user/" not in addresses
    assert [client.get(each).status_code for each in addresses] == [200] * len(addresses)
