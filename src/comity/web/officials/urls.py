"""Addresses of the administrators' desk."""

from django.urls import path

from comity.web.officials import pairing, views

urlpatterns = [
    path("officials", views.officials, name="officials"),
    path("officials/invite", views.invite, name="official-invite"),
    path("officials/invitations/<str:reference>", views.invitation, name="invitation"),
    path("officials/invitations/<str:reference>/withdraw", views.withdraw, name="invitation-withdraw"),
    path("officials/nodes", pairing.nodes, name="nodes"),
    path("officials/nodes/card", pairing.card, name="nodes-card"),
    path("officials/nodes/admit", pairing.admit, name="node-admit"),
    path("officials/<str:official>/<str:mandate>/end", views.end, name="mandate-end"),
]
