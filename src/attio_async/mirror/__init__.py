"""The mirror: the workspace as tables of a database."""
