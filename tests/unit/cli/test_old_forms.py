"""Which files are of an earlier era, as their text tells."""

from __future__ import annotations

import ast

import pytest

from locust_rs.cli.old_forms import uses_old_forms

OLD = {
    "class of then": "from locust import HttpLocust",
    "class under another name": "from locust import Locust as L",
    "class of the module": "import locust\nclass A(locust.HttpLocust): ...",
    "module of then": "import locust.core",
    "names of a module of then": "from locust.core import TaskSet",
    "EventHook of then": "from locust.events import EventHook",
    "exception of then": "from locust.exception import StopLocust",
    "fast user of then": "from locust.contrib.fasthttp import FastHttpLocust",
    "event of then": "from locust import events\nevents.request_success.add_listener(print)",
    "event of an environment": "self.environment.events.request_failure.fire(name='a')",
    "operator": "from locust import events\nevents.quitting += print",
    "operator of a hook": "hook = EventHook()\nhook += print",
    "operator that takes away": "hook = EventHook()\nhook -= print",
    "hook made below its use": "def f():\n    hook.fire('a')\nhook = locust.event.EventHook()",
    "positional fire": "events.request.fire('GET')",
    "task with arguments": "self.schedule_task(f, args=[1])",
    "task with positional arguments": "self.schedule_task(f, [1])",
    "app of the module": "from locust import web\n@web.app.route('/')\ndef f(): ...",
    "app of the module, in full": "import locust\nlocust.web.app.route('/')",
    "old name in the branch of another error": "try:\n    events.hatch_complete\nexcept KeyError: ...",
}

NOT_OLD = {
    "today's": "from locust import HttpUser, events\nevents.request.add_listener(print)",
    "word in a comment": "# a Locust file with request_success\nfrom locust import User",
    "word in a docstring": '"""HttpLocust"""',
    "own class of the name": "from locust import User\nclass Locust(User): ...\nclass A(Locust): ...",
    "probe": "if hasattr(events, 'request_success'):\n    events.request_success += f",
    "probe of an import": "try:\n    from locust.core import Locust\nexcept ImportError:\n    from locust import User",
    "probe of an attribute": "try:\n    events.request_success += f\nexcept (AttributeError, KeyError): ...",
    "fallback": "try:\n    from locust import HttpUser\nexcept ImportError:\n    from locust import HttpLocust",
    "another's event": "bus.request_success(1)",
    "another's fire": "gun.fire('bang')",
    "other sums": "count = 0\ncount += 1",
    "another's app": "web = make()\nweb.app.route('/')",
    "task scheduled first": "self.schedule_task(f, True)",
    "keyword fire": "hook = EventHook()\nhook.fire(a=1)",
}


@pytest.mark.parametrize("text", OLD.values(), ids=OLD.keys())
def test_old_form_is_recognised(text: str) -> None:
    assert uses_old_forms(ast.parse(text))


@pytest.mark.parametrize("text", NOT_OLD.values(), ids=NOT_OLD.keys())
def test_file_that_runs_on_stock_locust_is_left_alone(text: str) -> None:
    assert not uses_old_forms(ast.parse(text))
