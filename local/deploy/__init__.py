"""Deployment of the whole Pulumi program into the embedded AWS, in this process, resource by resource."""
