"""Deploy the Pulumi program into the embedded AWS: the whole program, in this process, resource by resource."""
