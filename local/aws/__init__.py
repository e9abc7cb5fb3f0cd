"""moto in one process, with an extension per service for what this product needs and moto lacks."""
