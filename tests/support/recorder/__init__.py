"""A recording server, scripted calls against it, and what runs both in interpreters of their own."""
