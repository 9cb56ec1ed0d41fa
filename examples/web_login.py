"""A login page of your own for the web UI; start it with `--web-login`.

The names and passwords stand for what your company has: a directory, a database, a provider of single sign-on.
"""

import os
import secrets

import flask
from flask_login import UserMixin, login_user

from locust import HttpUser, constant, events, task

PASSWORDS = {"ada": os.environ.get("ADAS_PASSWORD", "")}


class Account(UserMixin):
    def __init__(self, name):
        self.name = name

    def get_id(self):
        return self.name


@events.init.add_listener
def add_login(web_ui, **kwargs):
    if not web_ui:
        return
    web_ui.app.secret_key = os.environ.get("SESSION_KEY") or secrets.token_hex()
    web_ui.login_manager.user_loader(lambda name: Account(name) if name in PASSWORDS else None)
    web_ui.auth_args = {"username_password_callback": "/check_login"}

    @web_ui.app.route("/check_login", methods=["POST"])
    def check_login():
        name, password = flask.request.form["username"], flask.request.form["password"]
        if password and secrets.compare_digest(PASSWORDS.get(name, ""), password):
            login_user(Account(name))
            return flask.redirect("/")
        flask.session["auth_error"] = "Wrong name or password"
        return flask.redirect("/login")


class Visitor(HttpUser):
    wait_time = constant(1)

    @task
    def home(self):
        self.client.get("/")
