"""A trial works beside the site: on a copy of SQLite's file, or a transaction taken back."""

import pytest
from django.db import connection
from moving import act, tried
from wordpress_exports import COMMENT, all_rows, export_xml, item_xml

from blog.transfer.moving import work as moving_work
from blog.transfer.moving.trial import Trial

pytestmark = pytest.mark.django_db(transaction=True)


def test_trial_sees_what_is_here_and_leaves_it(admin_client, settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    act(admin_client, tried(admin_client, export_xml(item_xml(COMMENT))), "bring")
    rows, aside = all_rows(), []

    class Watched(Trial):
        def __enter__(self):
            super().__enter__()
            aside.append(connection.settings_dict["NAME"])
            with self.outside():
                aside.append(connection.settings_dict["NAME"])
            return self

    monkeypatch.setattr(moving_work, "Trial", Watched)
    more = export_xml(item_xml(COMMENT, COMMENT | {"comment_id": "32", "comment_content": "New."}))
    move = tried(admin_client, more)
    assert (move.trial["already"], move.trial["added"]) == (
        {"post": 1, "comment": 1},
        {"comment": 1},
    )
    assert all_rows() == rows
    assert (aside[0] == aside[1]) == (connection.vendor == "postgresql")
    assert list(tmp_path.glob("moving/*")) == []
