"""Addresses of the judge's desk."""

from django.urls import path

from comity.web.judge import ending, views

urlpatterns = [
    path("docket", views.docket, name="docket"),
    path("letters/<str:digest>/authorise", views.authorise, name="letter-authorise"),
    path("letters/<str:digest>/deny", views.deny, name="letter-deny"),
    path("letters/<str:digest>/recognise", views.recognise, name="letter-recognise"),
    path("letters/<str:digest>/emergency", ending.emergency, name="letter-emergency"),
    path("letters/<str:digest>/validate", ending.validate, name="letter-validate"),
    path("letters/<str:digest>/end", ending.end, name="letter-end"),
    path("letters/<str:digest>/suspend", ending.suspend, name="letter-suspend"),
    path("letters/<str:digest>/review", ending.review, name="letter-review"),
]
