"""The machinery below the public client: one funnel for requests and what it is made of."""
