"""The areas of the API, one module each: methods that send requests and return typed results."""
