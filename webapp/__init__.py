"""Flask: pages for people. Translates between requests and the desk; holds no rule of its own.

How to add a page.
1. `webapp/views/<noun>.py` exports `bp = Blueprint("<noun>", __name__, url_prefix="/<noun>")`; its first page is the
   endpoint `<noun>.index` (the rail in `webapp/frame.py` shows its item as soon as that endpoint exists). Add the
   module's name to VIEWS in webapp/application.py.
2. A view asks `unit.session()` for its session and `clock.now()` for the time, calls one function of desk, and
   renders `templates/<noun>/<page>.html`. It never commits: a GET reads a snapshot, a POST is one transaction that
   is committed when the response is ready and rolled back when anything raises. A DeskError may be left to fly:
   `webapp/errors.py` makes a page of it. Numbers of rows in forms are read with `ids.read`. `access.require_role(RoleName.LEAD)` guards what a role is not enough for;
   signing in is required everywhere, and analysts can post nothing (`webapp/access.py`).
3. Templates extend `base.html` (blocks: title, heading, tools, main, scripts) and import `macros/ui.html`: icon,
   csrf, button, chip, badge, field, select, empty, table, disclosure, when. Every form that posts contains `{{ ui.csrf() }}`.
   Texts from outside are printed as they are (autoescape): `|safe` and inline scripts or styles are forbidden, the
   browser would refuse them anyway. Their language goes into a `lang` attribute.
4. Sentences are written in English inside `_()`, `ngettext()` or `_l()`; then `python -m webapp.catalogue` collects
   them and says what has no Russian yet (`python -m webapp.catalogue merge FILE.json` files translations).
5. Filters: `|moment` (relative time with the exact one on hover), `|absolute`, `|span` (seconds), `|number`,
   `|share` (percent), `|stars`, `|label` (any word of desk.words), `|count` (999+), `|at_most(10000)` (more than 10,000).
"""
