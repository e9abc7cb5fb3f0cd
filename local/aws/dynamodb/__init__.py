"""DynamoDB: what moto lacks of imports, exports and table settings."""
