# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Check and convert annotated arguments of whitelisted functions with pydantic, as Frappe 15 does."""

import functools
import inspect
from collections.abc import Callable
from types import EllipsisType
from typing import Any, ForwardRef, Union

from frappe.exceptions import FrappeTypeError
from pydantic import ConfigDict
from pydantic import TypeAdapter as PydanticTypeAdapter
from pydantic import ValidationError as PydanticValidationError

# a bool annotation also takes numbers, as HTML forms send 0 and 1
SLACK_DICT = {bool: (int, bool, float)}


def validate_argument_types(func: Callable, apply_condition: Callable[[], bool] = lambda: True) -> Callable:
	"""Wrap `func` so that its arguments are checked whenever `apply_condition()` holds."""

	@functools.wraps(func)
	def wrapper(*args, **kwargs):
		if apply_condition():
			args, kwargs = transform_parameter_types(func, args, kwargs)
		return func(*args, **kwargs)

	return wrapper


@functools.lru_cache(maxsize=2048)
def TypeAdapter(type_: Any) -> PydanticTypeAdapter:
	return PydanticTypeAdapter(type_, config=ConfigDict(arbitrary_types_allowed=True))


def transform_parameter_types(func: Callable, args: tuple, kwargs: dict) -> tuple[list | tuple, dict]:
	"""The arguments converted to their annotations.

	:raises FrappeTypeError: an argument does not fit; the message names it
	"""
	if not (args or kwargs) or not func.__annotations__:
		return args, kwargs

	arg_names = func.__code__.co_varnames[: func.__code__.co_argcount]
	given = {**dict(zip(arg_names, args, strict=False)), **kwargs}
	new_args, new_kwargs = list(args), kwargs
	parameters = inspect.signature(func).parameters

	for name, annotation in func.__annotations__.items():
		if name not in given or _is_forward_reference(annotation):
			continue
		converted = _convert(name, given[name], _acceptable_type(annotation, parameters[name].default))
		if name in kwargs:
			new_kwargs[name] = converted
		else:
			new_args[arg_names.index(name)] = converted
	return new_args, new_kwargs


def _is_forward_reference(annotation: Any) -> bool:
	parts = [annotation, *getattr(annotation, "__args__", [])]
	return any(isinstance(part, ForwardRef | str) for part in parts)


def _acceptable_type(annotation: Any, default: Any) -> Any:
	"""The annotation, loosened by SLACK_DICT and by the type of the parameter's default value."""
	accepted = SLACK_DICT.get(annotation, annotation) if annotation.__hash__ else annotation
	if default is not inspect.Parameter.empty:
		if isinstance(accepted, tuple):
			accepted = (*accepted, type(default))
		elif default != accepted:
			accepted = Union[accepted, type(default)]  # noqa: UP007
	return Union[accepted] if isinstance(accepted, tuple) else accepted  # noqa: UP007


def _convert(name: str, value: Any, type_: Any) -> Any:
	try:
		converted = TypeAdapter(type_).validate_python(value)
	except (TypeError, PydanticValidationError) as error:
		raise FrappeTypeError(_message(name, type_, value)) from error
	if isinstance(converted, EllipsisType):
		raise FrappeTypeError(_message(name, type_, value))
	return converted


def _message(name: str, type_: Any, value: Any) -> str:
	expected, got = qualified_name(type_), qualified_name(value)
	return f"Argument '{name}' should be of type '{expected}' but got '{got}' instead."


def qualified_name(obj: Any) -> Any:
	discovered = obj if inspect.isclass(obj) else type(obj)
	if discovered.__module__ in ("typing", "types"):
		return obj
	if discovered.__module__ == "builtins":
		return discovered.__qualname__
	return f"{discovered.__module__}.{discovered.__qualname__}"
