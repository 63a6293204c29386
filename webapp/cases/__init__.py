"""One case: its page, its answer, and what is said when somebody was faster."""
