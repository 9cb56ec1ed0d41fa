"""What the tests of the web UI share: users, environments in this process, real processes, a counting target."""
