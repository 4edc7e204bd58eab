"""Addresses of the administrators' desk."""

from django.urls import path

from comity.web.officials import competence, pairing, persons, views

urlpatterns = [
    path("officials", views.officials, name="officials"),
    path("officials/invite", views.invite, name="official-invite"),
    path("officials/invitations/<str:reference>", views.invitation, name="invitation"),
    path("officials/invitations/<str:reference>/withdraw", views.withdraw, name="invitation-withdraw"),
    path("officials/nodes", pairing.nodes, name="nodes"),
    path("officials/nodes/card", pairing.card, name="nodes-card"),
    path("officials/nodes/admit", pairing.admit, name="node-admit"),
    path("officials/training", persons.trainings, name="trainings"),
    path("officials/decisions/<str:reference>", persons.decision, name="decision"),
    path("officials/decisions/<str:reference>/drop", persons.drop, name="decision-drop"),
    path("officials/people/<str:official>", persons.person, name="person"),
    path("officials/people/<str:official>/train", persons.train, name="person-train"),
    path("officials/directory", competence.entries, name="competences"),
    path("officials/directory/new", competence.new, name="competence-new"),
    path("officials/directory/<str:reference>/edit", competence.edit, name="competence-edit"),
    path("officials/directory/<str:reference>/confirm", competence.confirm, name="competence-confirm"),
    path("officials/directory/<str:reference>/withdraw", competence.withdraw, name="competence-withdraw"),
    path("officials/<str:official>/<str:mandate>/suspend", persons.suspend, name="mandate-suspend"),
    path("officials/<str:official>/<str:mandate>/reinstate", persons.reinstate, name="mandate-reinstate"),
    path("officials/<str:official>/<str:mandate>/end", persons.end, name="mandate-end"),
    path("me", persons.profile, name="profile"),
]
