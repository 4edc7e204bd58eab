"""Addresses for everybody."""

from django.urls import path

from comity.web.public import views

urlpatterns = [
    path("retention", views.retention, name="retention"),
    path("retention.json", views.as_json, name="retention-json"),
]
