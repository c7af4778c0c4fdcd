"""The stock pages, with a search."""

from django.contrib import admin

from crm.models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People, searched by e-mail."""

    list_display = ("email", "first_name", "last_name", "level", "active")
    search_fields = ("email",)
