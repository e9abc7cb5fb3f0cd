"""The local rehearsal: user data migrate on this machine."""
