"""Addresses of the desk for the defence."""

from django.urls import path

from comity.web.defence import views

urlpatterns = [
    path("disclosures", views.disclosures, name="disclosures"),
    path("disclosures/<str:reference>", views.disclosure, name="disclosure"),
    path("disclosures/<str:reference>/file", views.package, name="disclosure-package"),
]
