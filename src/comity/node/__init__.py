"""The wiring of one process: Django's settings, the urls, the WSGI entry. Imported by nobody."""
