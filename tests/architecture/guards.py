"""All guards by name. Each takes a house and returns one line for each breach: "file:line what is wrong"."""

from collections.abc import Callable

from tests.architecture import comments, form, imports, purity, rows, words, work
from tests.architecture.house import House

GUARDS: dict[str, Callable[[House], list[str]]] = {
    "packages import along the arrows": imports.forbidden_arrows,
    "nothing imports the stage sets": imports.imported_stage_sets,
    "libraries stay behind their walls": imports.breached_walls,
    "nothing is imported by a name made up": imports.imports_by_name,
    "no circle": imports.circles,
    "no subject imports a later one": imports.backward_subjects,
    "pure modules stay pure": purity.impurities,
    "sessions are asked in desk alone": rows.sessions_outside_desk,
    "transactions are opened at the edges": rows.transactions,
    "states are written where they are checked": rows.written_states,
    "httpx stays in its rooms": rows.http_outside_its_rooms,
    "every work is asked for, done and served": work.unserved_work,
    "broad excepts stand at the borders": form.broad_excepts,
    "no file is too long": form.long_files,
    "no function is too long": form.long_functions,
    "every module says what it is for": form.silent_modules,
    "comments name what is there": comments.stale_names,
    "a word means one thing": words.freed_words,
    "no figure of speech stands for a thing": words.figures_of_speech,
}
