"""Cases: the offences and the marketplace under investigation, and the selectors by which it is found."""
