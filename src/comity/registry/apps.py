"""The one Django app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Tables of a node."""

    name = "comity.registry"
    label = "registry"
