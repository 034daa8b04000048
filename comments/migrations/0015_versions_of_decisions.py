from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0014_browser_of_a_comment"),
        ("posts", "0007_when_pages_turn"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="moderationevent",
            name="version",
            field=models.CharField(blank=True, default="", editable=False, max_length=16),
            preserve_default=False,
        ),
        migrations.RemoveIndex(model_name="comment", name="comment_address_record"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["network", "status"], name="comment_network_record"),
        ),
    ]
