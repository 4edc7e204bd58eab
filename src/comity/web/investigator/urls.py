"""Addresses of the investigator's desk."""

from django.urls import path

from comity.web.investigator import asking, drafting, views

urlpatterns = [
    path("cases", views.cases, name="cases"),
    path("cases/new", views.new, name="case-new"),
    path("cases/<str:reference>", views.case, name="case"),
    path("cases/<str:reference>/selectors", views.selector, name="case-selector"),
    path("cases/<str:reference>/members", views.member, name="case-member"),
    path("cases/<str:reference>/offences", views.offences, name="case-offences"),
    path("cases/<str:reference>/ask", asking.ask, name="case-ask"),
    path("cases/<str:reference>/verdicts/<str:digest>", asking.verdict, name="verdict"),
    path("cases/<str:reference>/verdicts/<str:digest>/draft", drafting.draft, name="letter-draft"),
    path("letters/<str:digest>/send", drafting.send, name="letter-send"),
    path("letters/<str:digest>/answer", drafting.answer, name="letter-answer"),
    path("letters/<str:digest>/withdraw", drafting.withdraw, name="letter-withdraw"),
]
