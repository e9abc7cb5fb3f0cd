"""Step Functions: behaviour of the service that moto's interpreter lacks."""
