"""The command line: everything between a user's shell and a running test. Only this layer ends the process."""
