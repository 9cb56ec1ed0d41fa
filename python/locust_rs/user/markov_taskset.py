"""MarkovTaskSet: tasks that name the tasks which may follow them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from locust_rs.exception import LocustError
from locust_rs.user.decorators import weight_of
from locust_rs.user.selection import pick
from locust_rs.user.taskset import TaskSet, TaskSetMeta

MarkovTaskT = Callable[..., None]
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class NoMarkovTasksError(LocustError):
    """A MarkovTaskSet without a single `@transition`."""


class InvalidTransitionError(LocustError):
    """A transition leads to something that the class does not have."""


class NonMarkovTaskTransitionError(LocustError):
    """A transition leads to something without transitions of its own, where the chain would end."""


class MarkovTaskTagError(LocustError):
    """A Markov task has a tag; excluding the task could break the chain."""


def transition(func_name: str, weight: int = 1) -> Callable[[_Decorated], _Decorated]:
    """Makes a method a Markov task that another one may follow.

    Args:
        func_name: Name of the method that may follow.
        weight: How often it follows, relative to the task's other transitions.

    Example:
        class Shopper(MarkovTaskSet):
            @transition("browse", weight=3)
            @transition("pay")
            def browse(self):
                ...

            @transition("browse")
            def pay(self):
                ...
    """
    return transitions({func_name: weight})


def transitions(weights: dict[str, int] | list[tuple[str, int] | str]) -> Callable[[_Decorated], _Decorated]:
    """Makes a method a Markov task, with several transitions.

    Args:
        weights: Weights by name of the method that may follow, or a list of (name, weight) pairs and names.
    """
    pairs = (
        weights.items()
        if isinstance(weights, dict)
        else [entry if isinstance(entry, tuple) else (entry, 1) for entry in weights]
    )
    checked = {name: weight_of(weight, f"the transition to {name!r}") for name, weight in pairs}

    def decorator(decorated: _Decorated) -> _Decorated:
        known: dict[str, int] = decorated.__dict__.setdefault("transitions", {})
        known.update(checked)
        return decorated

    return decorator


def is_markov_task(task: Any) -> bool:
    """Whether something in a class body was decorated with `@transition` or `@transitions`."""
    return hasattr(task, "transitions")


def get_markov_tasks(class_dict: dict[str, Any]) -> list[Any]:
    """The Markov tasks of a class body, in order of declaration."""
    return [item for item in class_dict.values() if is_markov_task(item)]


def to_weighted_list(transitions: dict[str, int]) -> list[str]:
    """The names, each repeated according to its weight."""
    return [name for name, weight in transitions.items() for _ in range(weight)]


def validate_has_markov_tasks(tasks: list[Any], classname: str) -> None:
    """Raises NoMarkovTasksError if there are no Markov tasks."""
    if not tasks:
        raise NoMarkovTasksError(
            f"No Markov tasks defined in class {classname}. Use the @transition(s) decorators to define some."
        )


def validate_transitions(tasks: list[Any], class_dict: dict[str, Any], classname: str) -> None:
    """Raises if a transition leads to no method (InvalidTransitionError) or to one that is not a Markov task."""
    for task in tasks:
        for target in task.transitions:
            if target not in class_dict:
                raise InvalidTransitionError(
                    f"Transition to {target} from {task.__name__} is invalid since no such element exists "
                    f"on class {classname}"
                )
            if not is_markov_task(class_dict[target]):
                raise NonMarkovTaskTransitionError(
                    f"{classname}.{target} cannot be used as a target for a transition since it does not "
                    f"define any transitions of its own. Used as a transition from {task.__name__}."
                )


def validate_no_unreachable_tasks(tasks: list[Any], class_dict: dict[str, Any], classname: str) -> None:
    """Warns about tasks that no path of transitions with a weight above 0 leads to from the first task."""
    reached = {tasks[0].__name__}
    to_visit = [tasks[0]]
    while to_visit:
        for target, weight in to_visit.pop().transitions.items():
            if weight and target not in reached:
                reached.add(target)
                to_visit.append(class_dict[target])
    unreachable = {task.__name__ for task in tasks} - reached
    if unreachable:
        logging.warning(f"The following markov tasks are unreachable in class {classname}: {unreachable}")


def validate_no_tags(task: Any, classname: str) -> None:
    """Raises MarkovTaskTagError if a Markov task is tagged."""
    tags = getattr(task, "locust_tag_set", None)
    if tags:
        raise MarkovTaskTagError(
            "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid. "
            f"Tags detected on {classname}.{task.__name__}: {tags}"
        )


def validate_task_name(decorated_func: Any) -> None:
    """Raises InvalidTransitionError if a Markov task has the name that MarkovTaskSet uses for the current task."""
    if decorated_func.__name__ == "current":
        raise InvalidTransitionError(
            "A Markov task cannot be called 'current': that is the name under which MarkovTaskSet keeps the "
            "task it is at. Rename the method."
        )


def validate_markov_chain(tasks: list[Any], class_dict: dict[str, Any], classname: str) -> None:
    """Runs all checks above on a class body.

    Raises:
        NoMarkovTasksError, InvalidTransitionError, NonMarkovTaskTransitionError, MarkovTaskTagError: See the checks.
    """
    validate_has_markov_tasks(tasks, classname)
    for task in tasks:
        validate_task_name(task)
        validate_no_tags(task, classname)
    validate_transitions(tasks, class_dict, classname)
    validate_no_unreachable_tasks(tasks, class_dict, classname)


class MarkovTaskSetMeta(TaskSetMeta):
    """Checks the chain of a class and prepares the weighted lists from which `get_next_task` draws."""

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> MarkovTaskSetMeta:
        class_dict.setdefault("abstract", False)
        if not class_dict["abstract"]:
            tasks = get_markov_tasks(class_dict)
            validate_markov_chain(tasks, class_dict, classname)
            for task in tasks:
                if isinstance(task.transitions, dict):
                    task.transitions = to_weighted_list(task.transitions)
            class_dict["current"] = tasks[0]
        return super().__new__(mcs, classname, bases, class_dict)  # type: ignore[return-value]


class MarkovTaskSet(TaskSet, metaclass=MarkovTaskSetMeta):
    """A TaskSet that walks a Markov chain: each task names, with weights, the tasks that may follow it.

    It starts with the method declared first. A method decorated with `@transition` or `@transitions` is a task;
    `@task` and `@tag` are not used here.
    """

    abstract = True
    current: Callable[..., Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def get_next_task(self) -> Callable[..., Any]:
        """Returns the current task of the chain, and moves on to one of its successors."""
        function = self.current
        successors: list[str] = function.transitions  # type: ignore[attr-defined]
        self.current = getattr(self, pick(successors))
        return function
