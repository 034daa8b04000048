from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_jobs")]

    operations = [
        migrations.CreateModel(
            name="Sign",
            fields=[
                (
                    "name",
                    models.CharField(max_length=20, primary_key=True, serialize=False),
                ),
                ("seen_at", models.DateTimeField()),
            ],
            options={"verbose_name": "sign of life", "verbose_name_plural": "signs of life"},
        ),
    ]
