"""Flask: pages for people. Translates between requests and the desk; holds no rule of its own.

How to add a page.
1. `webapp/<subject>/views.py` exports `bp = Blueprint("<noun>", __name__, url_prefix="/<noun>")`; its first page is the
   endpoint `<noun>.index` (the rail in `webapp/layout.py` shows its item as soon as that endpoint exists). Add the
   module's name to VIEWS in webapp/application.py. What a page gathers and words it alone needs stand beside it.
2. A view asks `transaction.session()` for its session and `clock.now()` for the time, calls one function of desk, and
   renders `templates/<noun>/<page>.html`. It never commits: a GET reads a snapshot, a POST is one transaction that
   is committed when the response is ready and rolled back when anything raises. A DeskError need not be caught:
   `webapp/request/errors.py` makes a page of it. Numbers of rows in forms are read with `row_ids.read`. `access.require_role(RoleName.LEAD)`
   guards what a role is not enough for; signing in is required everywhere, and analysts can post nothing (`webapp/request/access.py`).
3. Templates extend `layout/base.html` (blocks: title, heading, tools, main, scripts); `ui.button(…)` is the macro of
   `components/button.html`, without an import. Every form that posts contains `{{ ui.csrf() }}`.
   Texts from outside are printed as they are (autoescape): `|safe` and inline scripts or styles are forbidden, the
   browser would refuse them anyway. Their language goes into a `lang` attribute.
4. Sentences are written in English inside `_()`, `ngettext()` or `_l()`; then `python -m webapp.catalogue` collects
   them and says what has no Russian yet (`python -m webapp.catalogue merge FILE.json` files translations).
5. Filters: `|moment` (relative time with the exact one on hover), `|absolute`, `|span` (seconds), `|number`,
   `|share` (percent), `|stars`, `|label` (any word of desk.base.words), `|count` (999+), `|at_most(10000)` (more than 10,000).
"""
