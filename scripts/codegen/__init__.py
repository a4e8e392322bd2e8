"""Turn the API's description into the generated package; see `python -m codegen --help`."""
