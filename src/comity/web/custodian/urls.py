"""Addresses of the custodian's desk."""

from django.urls import path

from comity.web.custodian import exporting, intake, keeping, moving, protecting, recording, things, views

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
    path("evidence/<str:reference>/keep", keeping.keep, name="item-keep"),
    path("evidence/<str:reference>/keep/lift", keeping.lift, name="item-lift"),
    path("evidence/<str:reference>/bundle", exporting.bundle, name="bundle"),
    path("evidence/<str:reference>/bundle/download", exporting.download, name="bundle-download"),
    path("evidence/<str:reference>/key", exporting.key, name="item-key"),
    path("evidence/<str:reference>/age", exporting.age, name="item-age"),
    path("evidence/<str:reference>/content", exporting.content, name="item-content"),
    path("evidence/<str:reference>/made", intake.of_item, name="item-made"),
    path("evidence/<str:reference>/record/<str:event>", recording.item_record, name="item-record"),
    path("exhibits", things.listed, name="exhibits"),
    path("exhibits/<str:reference>", things.exhibit, name="exhibit"),
    path("exhibits/<str:reference>/label", things.label, name="exhibit-label"),
    path("exhibits/<str:reference>/made", intake.of_exhibit, name="exhibit-made"),
    path("exhibits/<str:reference>/record/<str:event>", recording.exhibit_record, name="exhibit-record"),
    path("exhibits/<str:reference>/within", things.hand_over, name="exhibit-within"),
    path("exhibits/<str:reference>/send", things.send, name="exhibit-send"),
    path("hand-overs/<str:reference>/accept", things.accept, name="exhibit-accept"),
    path("hand-overs/<str:reference>/drop", things.drop, name="exhibit-drop"),
    path("letters/<str:digest>/seize", things.seize, name="exhibit-new"),
]
