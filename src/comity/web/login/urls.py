"""Addresses of login, enrolment and language."""

from django.urls import path

from comity.web.login import enrolment, views

urlpatterns = [
    path("", views.start, name="home"),
    path("login", views.login, name="login"),
    path("login/demo", views.demo, name="login-demo"),
    path("logout", views.logout, name="logout"),
    path("language", views.language, name="language"),
    path("enrol/<str:token>", enrolment.enrol, name="enrol"),
]
