"""The WSGI entry of one node's web process; its folder is named by COMITY_NODE."""

import os
from pathlib import Path

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from comity.node.application import application_for  # noqa: E402 - tables can be imported only after setup
from comity.registry import keys  # noqa: E402 - as above
from comity.registry.act import Node  # noqa: E402 - as above

_node = Node.open(Path(os.environ["COMITY_NODE"]))
settings.SECRET_KEY = keys.web_secret(_node.folder)  # sessions and open forms outlive a restart
application = application_for(_node)
