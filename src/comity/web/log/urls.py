"""Addresses of the log: what everybody may ask, and the overseer's page about who vouches for it."""

from django.urls import path, re_path

from comity.web.log import desk, views

urlpatterns = [
    path("log/checkpoint", views.checkpoint),
    path("log/add-checkpoint", views.add_checkpoint),
    re_path(r"^log/witnessed/(?P<node>[a-z0-9-]{1,40})$", views.witnessed),
    re_path(r"^log/leaf/(?P<leaf_hash>[0-9a-f]{64})$", views.leaf),
    path("log/tile/<path:path>", views.tiles),
    path("oversight/vouching", desk.vouching, name="vouching"),
    path("oversight/vouching/findings.json", desk.findings, name="vouching-findings"),
    path("oversight/vouching/time-stamps.json", desk.time_stamps, name="vouching-stamps"),
]
