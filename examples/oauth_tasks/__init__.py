"""A web app for everybody's tasks: sign up, connect Attio by OAuth, see one's tasks and complete them.

Try it with a fake workspace, no account needed, from the folder above this one:

    pip install "attio-async[cryptography,testing]" starlette
    python -m oauth_tasks
"""
