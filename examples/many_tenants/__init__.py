"""Jobs and webhooks of twenty workspaces on one engine, with everything they need on this machine."""
