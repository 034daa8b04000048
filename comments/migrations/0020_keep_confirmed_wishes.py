from django.db import migrations
from django.db.models import OuterRef, Subquery

# Rows in memory at once.
AT_ONCE = 1000


def mailbox_of(email):
    local, _at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def fill_mailboxes(apps, schema_editor):
    MailAddress = apps.get_model("comments", "MailAddress")
    last = 0
    while rows := list(MailAddress.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for row in rows:
            row.mailbox = mailbox_of(row.email)
        MailAddress.objects.bulk_update(rows, ["mailbox"])
        last = rows[-1].pk


def keep_confirmed_wishes(apps, schema_editor):
    """What was wished under an address confirmed until now stays, for the comments it was for."""
    MailAddress = apps.get_model("comments", "MailAddress")
    Subscription = apps.get_model("comments", "Subscription")
    address = MailAddress.objects.filter(pk=OuterRef("address"))
    confirmed = Subscription.objects.filter(address__confirmed_at__isnull=False)
    confirmed.filter(confirmed_at=None).update(
        confirmed_at=Subquery(address.values("confirmed_at")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("comments", "0019_addresses_by_browser")]

    operations = [
        migrations.RunPython(fill_mailboxes, migrations.RunPython.noop),
        migrations.RunPython(keep_confirmed_wishes, migrations.RunPython.noop),
    ]
