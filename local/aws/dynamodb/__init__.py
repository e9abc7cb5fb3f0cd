"""DynamoDB: imports, exports, limits and table settings that moto lacks."""
