"""The registry: every table, file, key, clock and network call of a node. Desks translate, the law decides, this acts."""
