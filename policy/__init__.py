"""Security rules for every resource: pure functions, and the policy pack that Pulumi's engine runs."""
