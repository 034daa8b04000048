"""Who may do what in the admin: each address and each list action, by the groups of people.

O stands for owners, E for editors, A for authors, M for moderators, n for staff in no group. The
tests ask every address that the URL patterns have, so a new one fails until it stands here; `make
docs` writes the table of docs/people.md from it.
"""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "people.md"
BEGIN, END = "<!-- roles: written by `make docs` -->", "<!-- end of roles -->"
LETTERS = "OEAMn"

# Who may look at an address, and who may send something to it.
ROLES = {
    ("OEAMn", "OEAMn"): """
        set_up_second_step take_away_second_step add_passkey index password_change leave
        comments_mailchoice_changelist posts_profile_changelist app_list
    """,
    ("OEAMn", ""): """
        password_change_done jsi18n passkeys
    """,
    ("", ""): """
        posts_post_begin autocomplete view_on_site site_siteversion_add site_siteversion_history
        site_siteversion_delete site_siteversion_change posts_recording_add posts_post_bring_back
        posts_post_upload comments_moderationevent_add comments_moderationevent_delete
        comments_mailchoice_add comments_mailchoice_history comments_mailchoice_delete
        comments_mailchoice_change comments_mail_add comments_mail_delete comments_comment_undo
        comments_comment_delete jobs_job_add jobs_job_history jobs_job_delete jobs_job_change
        auth_group_add auth_group_delete accounts_attempt_add accounts_attempt_delete
        accounts_invitation_add accounts_invitation_history accounts_invitation_delete
        accounts_invitation_change posts_profile_add posts_profile_history posts_profile_delete
        posts_profile_change moving_move_add moving_move_history moving_move_delete
        moving_move_change moving_move_upload comments_unplaced_add comments_unplaced_history
        comments_unplaced_delete comments_unplaced_change
    """,
    ("O", "O"): """
        moving_move_changelist comments_unplaced_changelist
        site_siteversion_changelist comments_mail_changelist
        comments_mail_history
        comments_comment_add jobs_job_changelist auth_user_password_change auth_user_changelist
        auth_user_add auth_user_history auth_user_delete auth_user_change auth_group_changelist
        auth_group_history accounts_attempt_changelist accounts_attempt_history auth_user_leave
        accounts_invitation_changelist
    """,
    ("OEA", "OEA"): """
        posts_image_changelist posts_image_add posts_image_history posts_recording_changelist
        posts_recording_history posts_post_preview posts_post_changelist posts_post_add
        posts_tag_changelist posts_tag_history
    """,
    ("OE", "OE"): """
        posts_image_delete posts_recording_delete posts_post_delete posts_post_change
        posts_tag_add posts_tag_delete
    """,
    ("OEA", "OE"): """
        posts_image_change posts_recording_change posts_tag_change
    """,
    ("OE", ""): """
        posts_post_history posts_post_notes
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
        comments_comment_beside
    """,
    ("", "O"): """
        site_siteversion_try moving_move_upload_new
    """,
    ("O", ""): """
        site_siteversion_act moving_move_one moving_move_report
        comments_mail_change auth_group_change accounts_attempt_change
    """,
    ("OEAM", "OEAM"): """
        comments_comment_changelist
    """,
}


# What authors may besides, where the essay or the comment is on their own.
OWN = {
    ("A", "A"): """
        posts_post_change comments_comment_change comments_comment_history comments_comment_beside
    """,
    ("A", ""): """
        posts_post_history posts_post_notes
    """,
    ("", "A"): """
        posts_post_known posts_post_presence posts_post_autosave
    """,
}

# The actions of lists, by their models. Authors get lists of their own essays and the comments on
# those, and an action takes no more than is listed; so do editors with comments.
ACTIONS = {
    "auth.User.delete_selected": "O",
    "comments.BlockRule.delete_selected": "OM",
    "comments.Comment.approve": "OEAM",
    "comments.Comment.block": "OEAM",
    "comments.Comment.mark_spam": "OEAM",
    "comments.Comment.restore": "OEAM",
    "comments.Comment.spam_all": "OEAM",
    "comments.Comment.trash": "OEAM",
    "comments.Comment.trash_all": "OEAM",
    "jobs.Job.try_again": "O",
    "posts.Image.delete_selected": "OE",
    "posts.Post.delete_selected": "OE",
    "posts.Post.publish": "OEA",
    "posts.Post.return_to_draft": "OEA",
    "posts.Post.withdraw": "OEA",
    "posts.Recording.delete_selected": "OE",
    "posts.Tag.delete_selected": "OE",
}


def letters_of(table):
    """Return what stands in a table for each name."""
    return {name: open_to for open_to, names in table.items() for name in names.split()}


def cells(name, own):
    """Return what the table says of an address for each group: nothing, to see it, to do it."""
    sees, does = letters_of(ROLES)[name]
    said = []
    for letter in LETTERS:
        cell = "do" if letter in does else "see" if letter in sees else ""
        if not cell and name in own:
            cell = "own" if letter in "".join(own[name]) else ""
        elif cell == "see" and letter in own.get(name, ("", ""))[1]:
            cell = "see, own"
        said.append(cell)
    return said


def table():
    """Return all of it as Markdown, in the order of the names."""
    parts = ["| Address | Owner | Editor | Author | Moderator | Other staff |"]
    parts += ["|---|---|---|---|---|---|"]
    own = letters_of(OWN)
    parts += [
        f"| `{name}` | {' | '.join(cells(name, own))} |" for name in sorted(letters_of(ROLES))
    ]
    parts += ["", "| Action of a list | Owner | Editor | Author | Moderator | Other staff |"]
    parts += ["|---|---|---|---|---|---|"]
    for name, may in sorted(ACTIONS.items()):
        said = ["do" if letter in may else "" for letter in LETTERS]
        parts.append(f"| `{name}` | {' | '.join(said)} |")
    return "\n".join(parts)


def written(page):
    """Return the page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
