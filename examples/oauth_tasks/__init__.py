"""A web app that shows each user their tasks: sign up, connect Attio by OAuth, complete tasks.

Try it with a fake workspace and without an account, in the parent folder of this one:

    pip install "attio-async[cryptography,testing]" starlette
    python -m oauth_tasks
"""
