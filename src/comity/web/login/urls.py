"""Addresses of login, enrolment, language, and of one's own ways in."""

from django.urls import path

from comity.web.login import counter, enrolment, signing_on, views, ways

urlpatterns = [
    path("", views.start, name="home"),
    path("login", views.login, name="login"),
    path("login/demo", views.demo, name="login-demo"),
    path("login/sign-on", signing_on.begin, name="sign-on"),
    path("login/sign-on/back", signing_on.back, name="sign-on-back"),
    path("logout", views.logout, name="logout"),
    path("language", views.language, name="language"),
    path("enrol/<str:token>", enrolment.enrol, name="enrol"),
    path("me/ways-in", ways.ways, name="ways-in"),
    path("me/ways-in/passkey", ways.passkey, name="passkey-new"),
    path("me/ways-in/passkeys/<str:mandate>/revoke", ways.revoke, name="passkey-revoke"),
    path("me/ways-in/requests/<str:reference>/withdraw", ways.withdraw, name="way-withdraw"),
    path("me/ways-in/sign-on", ways.sign_on, name="sign-on-ask"),
    path("me/ways-in/sign-on/<str:reference>/end", ways.end_sign_on, name="sign-on-end"),
    path("me/ways-in/sessions/end-others", ways.end_others, name="sessions-end-others"),
    path("me/ways-in/sessions/<str:reference>/end", ways.end_session, name="session-end"),
    path("officials/ways-in", counter.waiting, name="ways-waiting"),
    path("officials/ways-in/<str:reference>", counter.one, name="way-waiting"),
    path("officials/ways-in/<str:reference>/withdraw", counter.withdraw, name="way-refuse"),
]
