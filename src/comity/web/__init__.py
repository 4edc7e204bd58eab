"""Desks on the web, one package per audience. They translate between HTTP and the registry and decide nothing."""
