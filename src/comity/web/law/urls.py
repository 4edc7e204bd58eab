"""Addresses of the reading room."""

from django.urls import path

from comity.web.law import clock, definitions, library, room

urlpatterns = [
    path("law", room.room, name="law"),
    path("law/instruments", library.library, name="law-library"),
    path("law/instruments/<slug:name>", library.instrument, name="law-instrument"),
    path("law/definitions", definitions.definitions, name="law-definitions"),
    path("law/clock", clock.clock, name="law-clock"),
    path("law/clock.ics", clock.clock_file, name="law-clock-file"),
]
