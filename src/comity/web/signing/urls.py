"""Addresses of the signing page."""

from django.urls import path

from comity.web.signing import views

urlpatterns = [
    path("sign/<str:reference>", views.sign, name="sign"),
    path("sign/<str:reference>/drop", views.drop, name="sign-drop"),
]
