"""The container image without an engine: its Dockerfile's steps in a root file system, its commands under chroot."""
