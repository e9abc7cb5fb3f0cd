"""`release-clones`: the command, and the release of locks and clones."""
