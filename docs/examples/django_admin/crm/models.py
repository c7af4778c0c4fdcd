"""A record to fill, and a choice it has."""

from django.db import models


class Team(models.Model):
    """Where a person works."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A record to fill."""

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=40)
    last_name = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=1, choices=[("a", "Bronze"), ("b", "Silver"), ("c", "Gold")], default="a")
    active = models.BooleanField(default=True)
    birthday = models.DateField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    visits = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
