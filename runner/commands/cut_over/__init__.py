"""`cut-over`: the command, its checks, its marks and the last verification."""
