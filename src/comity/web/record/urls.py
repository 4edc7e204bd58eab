"""Addresses of the record's pages."""

from django.urls import path

from comity.web.record import home, letter

urlpatterns = [
    path("desk", home.show, name="desk"),
    path("letters/<str:digest>", letter.show, name="letter"),
    path("letters/<str:digest>/text", letter.text, name="letter-text"),
]
