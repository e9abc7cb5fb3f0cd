"""The demo: both domains migrate on this machine while their sources are written to."""
