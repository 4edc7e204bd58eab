"""Comity: authorities of different states take down illicit online marketplaces together, lawfully."""
