"""Addresses of the overseer's desk."""

from django.urls import path

from comity.web.overseer import views

urlpatterns = [
    path("oversight", views.oversight, name="oversight"),
    path("oversight/audit", views.audit, name="audit"),
    path("oversight/log", views.explorer, name="log-explorer"),
    path("oversight/log.csv", views.as_csv, name="log-csv"),
    path("oversight/log.json", views.as_json, name="log-json"),
    path("oversight/log/<int:index>", views.entry, name="log-entry"),
    path("oversight/log/<int:index>/proof.json", views.proof, name="log-proof"),
    path("oversight/letters/<str:digest>", views.letter, name="oversight-letter"),
]
