"""What the account answers before the program declares its first resource."""
