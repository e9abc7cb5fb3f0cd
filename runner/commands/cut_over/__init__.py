"""`cut-over`: the command, its checks, the marks that it sets and its last verification."""
