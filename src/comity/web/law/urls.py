"""Addresses of the reading room."""

from django.urls import path

from comity.web.law import room

urlpatterns = [
    path("law", room.room, name="law"),
]
