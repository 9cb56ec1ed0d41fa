"""The result of a run for continuous integration: JSON, JUnit, Markdown, and what GitHub and GitLab read."""
