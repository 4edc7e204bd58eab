"""Addresses of the custodian's desk."""

from django.urls import path

from comity.web.custodian import exporting, intake, moving, protecting, views

urlpatterns = [
    path("evidence", views.evidence, name="evidence"),
    path("evidence/<str:reference>", views.item, name="item"),
    path("letters/<str:digest>/intake", intake.intake, name="intake"),
    path("evidence/<str:reference>/hand-over", moving.hand_over, name="hand-over"),
    path("transfers", views.transfers, name="transfers"),
    path("transfers/<str:reference>/accept", moving.accept, name="accept"),
    path("evidence/<str:reference>/export", exporting.export, name="export"),
    path("evidence/<str:reference>/review", protecting.review, name="item-review"),
    path("evidence/<str:reference>/erase", protecting.erase, name="item-erase"),
    path("evidence/<str:reference>/bundle", exporting.bundle, name="bundle"),
    path("evidence/<str:reference>/bundle/download", exporting.download, name="bundle-download"),
    path("evidence/<str:reference>/key", exporting.key, name="item-key"),
]
