"""`release-clones`: the command, and how locks and clones are given up."""
