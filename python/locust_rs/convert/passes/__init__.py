"""What turns recorded requests into a test, one idea per file; `conversion` says in which order."""
