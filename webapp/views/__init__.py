"""One module a noun, each exporting `bp`. A view translates and nothing else."""
