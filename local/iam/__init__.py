"""What IAM would say to a call: pure evaluation of policies, and which actions an operation needs."""
