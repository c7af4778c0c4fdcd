"""The stock pages, with a search."""

from crm.models import Person
from django.contrib import admin


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People, searched by e-mail."""

    list_display = ("email", "first_name", "last_name", "level", "active")
    search_fields = ("email",)
