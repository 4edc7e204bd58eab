"""Who is who: authorities, officials in office under a mandate, their keys, and the statements they sign."""
