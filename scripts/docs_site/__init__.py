"""Build the documentation site: guides, a reference from docstrings, and a Markdown twin of every page."""
