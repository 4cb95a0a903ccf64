"""mozilla-django-oidc in a Django project, with the settings and the backend of docs/frameworks.md."""

import json
import os
import sys
import types
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from session import ask, browse, register, run, start

PAGE = Path(__file__).parents[3] / "docs/frameworks.md"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def module(name, first_line):
    """A module of this name that is the program of the page that begins with this line."""
    block = next(text for text in PAGE.read_text().split("```python\n") if text.startswith(first_line))
    sys.modules[name] = types.ModuleType(name)
    exec(compile(block.split("```")[0], name, "exec"), vars(sys.modules[name]))
    return vars(sys.modules[name])


service = start()
issuer, alice = service["issuer"], service["alice"]
server = make_server("127.0.0.1", 0, None, handler_class=Quiet)
app = f"http://localhost:{server.server_port}"
registered = register(
    redirect_uris=[f"{app}/oidc/callback/"],
    post_logout_redirect_uris=[f"{app}/"],
    token_endpoint_auth_method="client_secret_post",
)
os.environ |= {"ISSUER": issuer, "CLIENT_ID": registered["client_id"], "CLIENT_SECRET": registered["client_secret"]}

import django  # noqa: E402
from django.conf import settings  # noqa: E402

folder = TemporaryDirectory()
documented = {name: value for name, value in module("project", "# settings.py").items() if name.isupper()}
settings.configure(
    SECRET_KEY="a secret of this app",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF="urls",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder.name}/people.sqlite"}},
    LOGIN_REDIRECT_URL="/",
    **documented,
)
django.setup()
module("people", "# people.py")

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.urls import include, path  # noqa: E402


def home(request):
    user = request.user
    person = {"user": user.username, "name": getattr(user, "first_name", ""), "email": getattr(user, "email", "")}
    return JsonResponse(person | {"csrf": get_token(request)})


sys.modules["urls"] = types.ModuleType("urls")
sys.modules["urls"].urlpatterns = [path("", home), path("oidc/", include("mozilla_django_oidc.urls"))]
call_command("migrate", verbosity=0)
server.set_app(get_wsgi_application())
Thread(target=server.serve_forever, daemon=True).start()


def visit(path, **how):
    return json.loads(browse(f"{app}{path}", app=app, **how)["text"])


def signs_in_and_out():
    for _ in range(2):
        page = visit("/oidc/authenticate/", browser="hers")
        assert (page["user"], page["name"]) == (alice, "Alice Liddell"), page
        form = [("csrfmiddlewaretoken", page["csrf"])]
        assert visit("/oidc/logout/", browser="hers", form=form)["user"] == ""
        assert visit("/", browser="hers")["user"] == ""


def says_no():
    assert visit("/oidc/authenticate/", decision="deny")["user"] == ""


def by_email():
    """Its defaults find users by their address. They sign in nobody who has not verified it."""
    backends = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]
    with override_settings(OIDC_RP_SCOPES="openid email", AUTHENTICATION_BACKENDS=backends):
        assert visit("/oidc/authenticate/")["user"] == ""
        vouched = {"action": "put_user", "username": "alice", "email": "alice@people.example", "email_verified": True}
        assert ask(ask="operator", order=vouched)["email_verified"] is True
        assert visit("/oidc/authenticate/")["email"] == "alice@people.example"


run(
    service["flows"],
    {"sign in and out": signs_in_and_out, "a person who says no": says_no, "its defaults": by_email},
)
server.shutdown()
