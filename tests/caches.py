"""What a process that serves all day makes once, made once for all tests of a process: each test has an application and a
database of its own, but the same templates, addresses and statements."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from desk.base import db


class Templates(BytecodeCache):
    """Compiled templates by name and content, so that a template that changes is compiled anew."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._compiled[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    """Every application that is made from now on finds the templates that an earlier one has compiled."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}


def keep_addresses() -> None:
    """The function that writes an address is compiled once for each route, not once for each application."""
    compile_builder, compiled = Rule._compile_builder, {}

    def kept(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # All that the code is made of; whatever else it needs it asks the rule for.
        facts: tuple[Any, ...] = (rule._trace, rule.defaults, rule.build_only, append_unknown)
        key = repr((rule.rule, *facts, {name: type(kind) for name, kind in rule._converters.items()}))
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = kept


def keep_statements(*addresses: str) -> None:
    """Every engine that is made from now on finds the statements that an earlier one for the same kind of database has
    compiled. `addresses`: one that answers for each kind."""
    db.connect = _sharing(db.connect, [db.connect(address) for address in addresses])


def _sharing(connect: Callable[[str], Engine], met: list[Engine]) -> Callable[[str], Engine]:
    for engine in met:
        engine.connect().close()  # only now the dialect knows what its server can do
        engine.dispose()
    by_kind = {engine.dialect.name: engine for engine in met}

    def shared(address: str) -> Engine:
        engine = connect(address)
        if known := by_kind.get(engine.dialect.name):
            # A compiled statement belongs to its dialect, so that comes along. SQLAlchemy has no public word for either.
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    return shared
