"""What a security review asks of every resource: pure rules, and the pack that Pulumi's engine runs."""
