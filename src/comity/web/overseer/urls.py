"""Addresses of the overseer's desk."""

from django.urls import path

from comity.web.overseer import emergency, sight, views

urlpatterns = [
    path("oversight", views.oversight, name="oversight"),
    path("oversight/audit", views.audit, name="audit"),
    path("oversight/log", views.explorer, name="log-explorer"),
    path("oversight/log.csv", views.as_csv, name="log-csv"),
    path("oversight/log.json", views.as_json, name="log-json"),
    path("oversight/log/<int:index>", views.entry, name="log-entry"),
    path("oversight/log/<int:index>/proof.json", views.proof, name="log-proof"),
    path("oversight/alarms/<str:reference>/acknowledge", emergency.acknowledge, name="alarm-acknowledge"),
    path("emergency", emergency.emergency, name="emergency"),
    path("access/letters/<str:digest>", sight.letter, name="access-letter"),
    path("access/cases/<str:reference>", sight.case, name="access-case"),
    path("access/items/<str:reference>", sight.item, name="access-item"),
    path("oversight/letters/<str:digest>", views.letter, name="oversight-letter"),
]
