"""Addresses of the liaison officer's desk."""

from django.urls import path

from comity.web.liaison import views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("letters/<str:digest>/acknowledge", views.acknowledge, name="letter-acknowledge"),
    path("letters/<str:digest>/query", views.query, name="letter-query"),
    path("letters/<str:digest>/refuse", views.refuse, name="letter-refuse"),
    path("letters/<str:digest>/preserve", views.preserve, name="letter-preserve"),
    path("letters/<str:digest>/execute-partly", views.execute_partly, name="letter-execute-partly"),
    path("letters/<str:digest>/execute", views.execute, name="letter-execute"),
]
