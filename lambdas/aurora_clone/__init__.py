"""The clone service: it creates, verifies and destroys copy-on-write clones of Aurora clusters."""
