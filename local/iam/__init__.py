"""IAM's decision about a call: pure evaluation of policies, and the actions that each operation needs."""
