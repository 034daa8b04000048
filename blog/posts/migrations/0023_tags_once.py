from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0022_fold_doubled_tags")]

    operations = [
        migrations.AlterField(
            model_name="tag",
            name="key",
            field=models.CharField(
                editable=False,
                error_messages={"unique": "Another tag already has this name. Choose another."},
                max_length=300,
                unique=True,
            ),
        ),
        migrations.AlterModelOptions(
            name="tag",
            options={"ordering": ["key"], "verbose_name": "tag", "verbose_name_plural": "tags"},
        ),
    ]
