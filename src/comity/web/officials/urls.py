"""Addresses of the administrators' desk."""

from django.urls import path

from comity.web.officials import views

urlpatterns = [
    path("officials", views.officials, name="officials"),
    path("officials/invite", views.invite, name="official-invite"),
    path("officials/invitations/<str:reference>", views.invitation, name="invitation"),
    path("officials/invitations/<str:reference>/withdraw", views.withdraw, name="invitation-withdraw"),
    path("officials/<str:official>/<str:mandate>/end", views.end, name="mandate-end"),
]
