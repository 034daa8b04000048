import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0018_what_the_rates_count"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("browser", models.CharField(blank=True, max_length=32)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "use of a mail address",
                "verbose_name_plural": "uses of mail addresses",
            },
        ),
        migrations.AddField(
            model_name="mailaddress",
            name="mailbox",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="subscription",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["kind", "sent_at"], name="mail_sent_lately"),
        ),
        migrations.AddField(
            model_name="addressuse",
            name="address",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="uses",
                to="comments.mailaddress",
            ),
        ),
        migrations.AddIndex(
            model_name="addressuse",
            index=models.Index(fields=["browser"], name="address_use_browser"),
        ),
        migrations.AddConstraint(
            model_name="addressuse",
            constraint=models.UniqueConstraint(
                fields=("address", "browser"), name="address_used_by_browser"
            ),
        ),
    ]
