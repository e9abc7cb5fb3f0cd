"""moto in one process, with one extension per service for the behaviour that this product needs and moto lacks."""
