"""The demo: both domains migrate on this machine while a writer changes their sources."""
