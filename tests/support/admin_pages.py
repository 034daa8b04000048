"""The addresses of the admin's pages on a site with the demo, for tests that look at each."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from blog.accounts.models import Invitation
from blog.posts.models import Post, Tag
from comments.models import Comment

LISTS = """
accounts/attempt/ accounts/invitation/ auth/group/ auth/group/add/ auth/user/ auth/user/add/
comments/blockrule/ comments/blockrule/add/ comments/comment/ comments/comment/?status=approved
comments/comment/add/ comments/mail/ comments/mailchoice/ comments/moderationevent/ forgot/
jobs/job/ leave/ password_change/ posts/image/ posts/image/add/ posts/post/ posts/post/add/
posts/profile/ posts/recording/ posts/tag/ posts/tag/add/ second-step/set-up/ site/siteversion/
""".split()


def admin_pages():
    """Return their addresses below the admin's own, "" for the first page."""
    essay = Post.objects.published().essays().first()
    comment = Comment.objects.approved().first()
    somebody = get_user_model().objects.create_user("somebody", first_name="Bo", is_staff=True)
    group = Group.objects.get(name="Authors")
    invited = Invitation(by=somebody, email="bo@example.org")
    invited.save()
    invited.groups.add(group)
    return [
        *("", "auth/", "comments/", "posts/", "site/siteversion/do/remove-demo/", *LISTS),
        f"auth/user/{somebody.pk}/change/",
        f"auth/user/{somebody.pk}/leave/",
        f"auth/user/{somebody.pk}/password/",
        f"auth/group/{group.pk}/change/",
        f"comments/comment/{comment.pk}/change/",
        f"comments/comment/{comment.pk}/history/",
        f"posts/post/{essay.pk}/change/",
        f"posts/post/{essay.pk}/history/",
        f"posts/post/{essay.pk}/notes/",
        f"posts/tag/{Tag.objects.first().pk}/change/",
    ]
