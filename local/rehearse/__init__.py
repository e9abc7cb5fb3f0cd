"""The rehearsal: somebody's own data migrate on this machine."""
