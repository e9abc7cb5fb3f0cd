"""The clone service: makes, proves and destroys copy-on-write clones of Aurora clusters."""
