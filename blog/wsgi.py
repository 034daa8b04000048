"""The WSGI application that `manage.py serve`, or any other server, runs."""

import os

from django.core.wsgi import get_wsgi_application

from blog.limits import within_limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")

application = within_limits(get_wsgi_application())
