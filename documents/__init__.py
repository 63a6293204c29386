"""Values in, bytes out: charts and tables that people read or take with them. Imports no package of ours."""
