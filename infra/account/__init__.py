"""Facts that the program looks up in the account before it declares its first resource."""
