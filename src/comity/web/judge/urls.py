"""Addresses of the judge's desk."""

from django.urls import path

from comity.web.judge import views

urlpatterns = [
    path("docket", views.docket, name="docket"),
    path("letters/<str:digest>/authorise", views.authorise, name="letter-authorise"),
    path("letters/<str:digest>/deny", views.deny, name="letter-deny"),
    path("letters/<str:digest>/recognise", views.recognise, name="letter-recognise"),
]
