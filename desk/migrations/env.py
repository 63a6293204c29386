"""What Alembic runs. The connection, with its transaction and lock, is the caller's (desk/operations/schema.py)."""

from alembic import context

from desk.models import Base
from desk.operations.schema import is_modelled

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=is_modelled,
    render_as_batch=True,  # SQLite cannot alter most things; a batch copies the table instead
    compare_type=True,
)
context.run_migrations()
