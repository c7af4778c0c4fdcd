"""A small Django application with its stock admin, to try a map on: `python serve.py FOLDER PORT` (login clerk, secret practice)."""

import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

FOLDER, PORT = Path(sys.argv[1]), sys.argv[2]

settings.configure(
    DEBUG=True,
    SECRET_KEY="practice",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "crm",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "django.sqlite"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=False,
    STATIC_URL="/static/",
)
django.setup()

from crm.models import Person, Team  # noqa: E402  models need the settings
from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import path  # noqa: E402

urlpatterns = [path("admin/", admin.site.urls)]


def make() -> None:
    """Tables, a clerk and a few records."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Team)
        editor.create_model(Person)
    User.objects.create_superuser("clerk", "clerk@example.com", "practice")
    north, _ = (Team.objects.create(name=name) for name in ("North", "South"))
    for number in range(1, 31):
        Person.objects.create(email=f"p{number}@example.com", first_name=f"First{number}", last_name="Old", team=north)


if __name__ == "__main__":
    if not (FOLDER / "django.sqlite").exists():
        make()
    call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, verbosity=0)
