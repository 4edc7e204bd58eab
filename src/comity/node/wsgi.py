"""The WSGI entry of one node's web process; its folder is named by COMITY_NODE."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from comity.node.application import application_for  # noqa: E402 - tables can be imported only after setup
from comity.registry.act import Node  # noqa: E402 - as above

application = application_for(Node.open(Path(os.environ["COMITY_NODE"])))
