from django.db import migrations, models

import blog.posts.models.words


class Migration(migrations.Migration):
    dependencies = [("posts", "0025_version_of_markup")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="lang",
            field=models.CharField(
                blank=True,
                help_text="A tag such as de, pt-BR or zh-Hant. Empty, it is the site’s.",
                max_length=35,
                validators=[blog.posts.models.words.check_language],
                verbose_name="language",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="lang",
            field=models.CharField(blank=True, max_length=35, verbose_name="language"),
        ),
        migrations.AddField(
            model_name="shareddraft",
            name="lang",
            field=models.CharField(blank=True, max_length=35),
        ),
    ]
