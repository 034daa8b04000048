import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0020_recordings")]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="key",
            field=models.CharField(editable=False, max_length=300, null=True),
        ),
        migrations.AlterField(
            model_name="tag",
            name="slug",
            field=models.SlugField(
                allow_unicode=True,
                blank=True,
                error_messages={"unique": "Another tag already has this slug. Choose another."},
                help_text="The part of the tag’s address after /tags/. Empty, it follows the name. "
                "Readers of the old address are sent on.",
                max_length=200,
                unique=True,
                verbose_name="slug",
            ),
        ),
        migrations.CreateModel(
            name="OldTagSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.CharField(max_length=200, unique=True, verbose_name="old slug"),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="old_slugs",
                        to="posts.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "old slug of a tag",
                "verbose_name_plural": "old slugs of tags",
            },
        ),
    ]
