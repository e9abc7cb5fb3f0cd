"""Step Functions: what moto's interpreter lacks of the service that runs our definitions."""
