"""Starting, stopping and counting the users of one process."""
