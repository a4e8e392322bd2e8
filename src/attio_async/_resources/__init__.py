"""One small module per area of the API; each turns calls into requests and answers into results."""
