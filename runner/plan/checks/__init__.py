"""What would make a run fail: each check looks at one thing and says nothing where all is well."""
